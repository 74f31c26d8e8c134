// Sentences about a scene. They say what the traces prove, and no more.

const number = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace("-", "−");
const percent = (p) => {
  if (p < 0.0001) return "< 0.01 %";
  return `${(100 * p).toFixed(p < 0.00095 ? 2 : p < 0.0995 ? 1 : 0)} %`;
};
const ORDINALS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const ordinal = (place) => ORDINALS[place] ?? `${place}th`;
const times = (gap) => {
  const factor = Math.exp(Math.min(Math.abs(gap), 20));
  if (factor >= 1000) return "over a thousand times";
  return `${factor < 9.95 ? factor.toFixed(1) : Math.round(factor)} times`;
};

// The whole word that a node begins or goes on with, along the way to `leaf` (or its own piece).
function wordAt(scene, id, leaf) {
  const path = pathTo(scene.nodes, leaf ?? id);
  const pieces = path.map((each) => scene.nodes[each].piece);
  let from = path.indexOf(id);
  let to = from + 1;
  if (pieces[from] === "</s>") return "the end";
  while (from > 0 && goesOn(pieces[from - 1], pieces[from], pieces[from + 1])) from--;
  while (to < path.length && goesOn(pieces[to - 1], pieces[to], pieces[to + 1])) to++;
  return textOf(pieces.slice(from, to)).trim();
}

// The whole word that a node stands in, as far as the search went on with it alone.
function wordLabel(scene, node) {
  if (node.piece === "</s>") return "⟨end⟩";
  let last = node;
  for (;;) {
    const next = last.going.length === 1 ? scene.nodes[last.going[0]] : null;
    if (!next || !goesOn(last.piece, next.piece, scene.nodes[next.going[0]]?.piece)) break;
    last = next;
  }
  return wordAt(scene, node.id, last.id) || "␣";
}

// The end of a long text, cut at a word.
const ending = (text, longest = 44) => (text.length > longest ? text.slice(-longest).replace(/^\S*\s?/, "… ") : text);
const outputName = (scene) => (scene.source.kind === "photo" ? "caption" : "translation");
const sentenceOf = (scene) => (scene.source.kind === "photo" ? "caption" : "sentence");

// Parts of a sentence: [text, the class that colours it].
function verdict(scene) {
  const {part, searches, main} = scene;
  const [one, other] = [searches[0].name, searches[main].name];
  if (searches.length < 2) return [[`${one} found `, ""], [`“${scene.trace.hypotheses[0].text}”`, "winner"]];
  if (!part && scene.first === "before") return [["The same as before: it wrote this by itself.", ""]];
  if (!part) return [[`${one} and ${other.toLowerCase()} found the same ${outputName(scene)}`, ""], ...closestCall(scene)];
  const before = ending(textTo(scene, part.at));
  const [left, right] = [scene.paths[0], scene.paths[main]].map((path, i) =>
    wordAt(scene, [part.one, part.other][i], path.at(-1)));
  if (scene.first === "before") {
    return [[before ? `After “${before}” ` : "At the first word ", ""], [`“${left}”`, "before"], [" was written; now ", ""],
      [`“${right}”`, "winner"], [" is forced, and the whole is ", ""],
      [`${times(part.whole)} ${part.whole > 0 ? "as" : "less"} likely`, "strong"], [".", ""]];
  }
  const begin = before ? `After “${before}” they part: ` : "They part at the first word: ";
  const won = part.whole > 0
    ? [`, and its whole ${sentenceOf(scene)} is `, "", `${times(part.whole)} as likely`, "strong"]
    : [`; greedy's whole ${sentenceOf(scene)} is `, "", `${times(part.whole)} as likely`, "strong"];
  return [
    [begin, ""], [`greedy takes “${left}”`, "greedy"], [", ", ""], [`the beam goes on with “${right}”`, "winner"],
    [won[0], won[1]], [won[2], won[3]], [".", ""],
  ];
}

// The step of the winner at which another word came nearest to its own, or before it: {node, rival}, null if all was sure.
function closest(scene) {
  const {nodes, paths, main} = scene;
  const calls = paths[main].map((id) => nodes[id]).flatMap((node) => {
    const beside = nodes[node.parent].children.filter((each) => each !== node.id).map((each) => nodes[each]);
    const rival = beside.reduce((a, b) => (a && a.logProb > b.logProb ? a : b), null);
    return rival ? [{node, rival, gap: node.logProb - rival.logProb}] : [];
  });
  return calls.reduce((a, b) => (a && a.gap <= b.gap ? a : b), null);
}

function closestCall(scene) {
  const call = closest(scene);
  if (!call) return [[".", ""]];
  const [own, rival] = [call.node, call.rival].map((node) => [`“${wordLabel(scene, node)}”`, percent(chance(node))]);
  return [["; the closest call: ", ""], [own[0], "winner"], [` ${own[1]} against `, ""], [rival[0], "strong"], [` ${rival[1]}.`, ""]];
}

// What parting cost there and what it won later.
function partingPrice(scene) {
  const {part, trace, main, paths, nodes} = scene;
  if (!part) return "";
  const [here, whole] = [part.price, part.whole];
  const first = here >= 0
    ? `At the fork the beam's choice is ${times(here)} less likely`
    : `At the fork the beam's choice is ${times(here)} as likely`;
  if (whole > 0) return `${first}; what follows makes up for it.`;
  const [greedy, beam] = [nodes[paths[0].at(-1)], nodes[paths[main].at(-1)]];
  if (beam.step !== greedy.step) {
    return `${first}. The beam ranks by score for length (α = ${number(trace.options.mode.alpha ?? 0)}), not by likelihood alone.`;
  }
  return `${first}. Greedy's path was given up on the way.`;
}

// Why a branch ends; the empty string if it does not.
function whyEnded(scene, node) {
  const end = endOf(scene, node);
  if (!end) return "";
  if (end.why === "open") return "Still open when the search ended.";
  if (end.why === "unrecorded") return `Given up at step ${end.step}: its continuations are not on record.`;
  return end.behind >= 0
    ? `Given up at step ${end.step}: with its best next word it was ${times(end.behind)} less likely than the ${ordinal(end.place)}, the last that was kept.`
    : `Given up at step ${end.step}, though its best word had a better total than one that was kept: a rule of the search decided.`;
}

// Whether a forced word has to end before this piece.
function forbidden(scene, node) {
  const {prefix, not_next: pieces = []} = scene.trace.options;
  return node.step === prefix.length + 1 && pieces.includes(node.token);
}

function statusWords(scene, node) {
  const kind = kindOf(scene, node);
  if (kind === "root") return "the start";
  if (kind === "winner") return scene.main && scene.first === "greedy" ? "the beam's winner" : "the winner";
  if (kind === "finished") return "finished";
  if (kind === "pruned" && scene.main && scene.onPath[0].has(node.id)) {
    return scene.first === "before" ? "written before, pruned now" : "greedy's choice, pruned by the beam";
  }
  if (kind === "pruned" && forbidden(scene, node)) return "not allowed: it would go on with the forced word";
  if (kind === "pruned") return "pruned";
  return node.going.length || node.step >= scene.trace.stop.steps ? "kept" : "kept, given up later";
}
