// What a recorded search did, and questions to it. `trace` is the trace file as it is; `shown` holds its texts in
// words. Nothing here touches the screen.
"use strict";

const block = (id) => document.getElementById(id).textContent;
const trace = JSON.parse(block("trace"));
const shown = JSON.parse(block("shown"));
const {expanded, hypotheses} = trace;
const {step: stepOf, parent: parentOf, status, rank, total, log_prob: logProb, normalised} = trace.nodes;
const count = stepOf.length;
const lastStep = trace.stop.steps;
const firstStep = Math.min(1, lastStep);

const pathTo = (node) => {
  const path = [];
  for (; node > 0; node = parentOf[node]) path.push(node);
  return path.reverse();
};
const winner = hypotheses[0].leaf;
const winnerPath = [0, ...pathTo(winner)];
const onWinnerPath = new Set(winnerPath);
const rowOf = new Map(expanded.node.map((node, row) => [node, row])); // of the attention and the entropy

const candidatesAt = Array.from({length: lastStep + 1}, () => []); // of each step, best first
const children = Array.from({length: count}, () => []); // those that were kept, the winner's line first
const texts = [""];
for (let node = 0; node < count; node++) {
  candidatesAt[stepOf[node]].push(node);
  if (!node) continue;
  texts.push(shown.whole[node] ?? texts[parentOf[node]] + shown.adds[node]);
  if (status[node] !== "pruned") children[parentOf[node]].push(node);
}
for (const list of candidatesAt) list.sort((a, b) => rank[a] - rank[b]);
for (const list of children) list.sort((a, b) => onWinnerPath.has(b) - onWinnerPath.has(a) || rank[a] - rank[b]);

const liveAt = (step) => (candidatesAt[step] ?? []).filter((n) => status[n] === "kept" || status[n] === "root");
const finishedBy = (step) =>
  candidatesAt.slice(0, step + 1).flat().filter((n) => status[n] === "finished")
    .sort((a, b) => normalised[b] - normalised[a]);
const winnerAt = (step) => winnerPath[Math.min(step, winnerPath.length - 1)];

// Where a hypothesis stands at another step: its beginning, or its best continuation that was kept. Where it has
// none, the eventual winner stands in for it.
function follow(node, step) {
  while (stepOf[node] > step) node = parentOf[node];
  while (stepOf[node] < step && status[node] !== "finished") {
    if (!children[node].length) return winnerAt(step);
    node = children[node][0];
  }
  return node;
}

const added = (node) => shown.adds[node].trim() || shown.labels[node];
const percent = (p) => (p < 0.001 ? "< 0.1 %" : `${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`);
const number = (value) => value.toFixed(2).replace("-", "−");
const kindOf = (node) => (node === winner ? "winner" : status[node]);
const WORDS = {
  root: "the start", kept: "kept", dead: "given up since",
  pruned: "pruned", finished: "finished", winner: "the winner",
};
const contested = status.filter((fate) => fate !== "pruned").length > winnerPath.length;
const spoken = (node, kind = kindOf(node)) =>
  `${texts[node]}${status[node] === "finished" || !node ? ` ${shown.labels[node]}` : ""}: ${WORDS[kind]}, ` +
  `step ${stepOf[node]}, total ${number(total[node])}`;
