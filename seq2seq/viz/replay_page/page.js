// The lists, the chosen hypothesis and the controls. Texts reach the screen through textContent alone.

const MOST = 12; // candidates shown until somebody asks for all
const PLAY_EVERY = 1200; // milliseconds
const byId = (id) => document.getElementById(id);
const span = (textContent, className = "") => make("span", {textContent, className});
const note = (textContent) => make("p", {className: "note", textContent});
const fact = ([name, value]) => make("div", {}, make("dt", {textContent: name}), make("dd", {textContent: value}));

let now = firstStep;
let chosen = winnerAt(now);
let showAll = false;
let timer = 0;

function go(step, node = null) {
  const before = now;
  now = Math.max(firstStep, Math.min(lastStep, step));
  if (now === lastStep) stop();
  const list = document.activeElement?.closest(".rows");
  drawStep();
  choose(node ?? (now === before ? chosen : follow(chosen, now)));
  list?.querySelector("[aria-pressed=true]")?.focus();
}

function choose(node, focus = false) {
  chosen = node;
  for (const each of document.querySelectorAll("[data-node]")) {
    each.setAttribute("aria-pressed", each.dataset.node === `${node}`);
  }
  byId("detail").replaceChildren(...detail(node));
  tree.select(node, focus);
}

function pick(node, focus) {
  if (stepOf[node] > now) go(stepOf[node], node);
  choose(node, focus);
}

function drawStep() {
  const [live, finished, candidates] = [liveAt(now), finishedBy(now), candidatesAt[now]];
  byId("slider").value = now;
  byId("slider").setAttribute("aria-valuetext", `Step ${now} of ${lastStep}`);
  byId("step").textContent = `Step ${now} of ${lastStep}`;
  for (const id of ["first", "previous"]) byId(id).setAttribute("aria-disabled", now === firstStep);
  for (const id of ["next", "last"]) byId(id).setAttribute("aria-disabled", now === lastStep);

  const kept = candidates.filter((n) => status[n] !== "pruned");
  byId("says").textContent =
    `Of ${candidates.length} candidates on record ${kept.length} ${kept.length === 1 ? "is" : "are"} kept; ` +
    `${live.length} live, ${finished.length} finished.${now === lastStep ? " Here the search ended." : ""}`;
  byId("live").replaceChildren(
    head("hypothesis", "text", "total", "by length"), ...live.map(hypothesisRow), ...finished.map(hypothesisRow));

  const alone = liveAt(now - 1).length === 1;
  byId("candidates-note").textContent = alone
    ? "The bar is the probability of the piece."
    : "Best total first; the bar is the probability of the piece behind its own beginning.";
  const most = showAll ? candidates.length : MOST - kept.length;
  const pruned = new Set(candidates.filter((n) => status[n] === "pruned").slice(0, Math.max(0, most)));
  const listed = candidates.filter((n) => status[n] !== "pruned" || pruned.has(n));
  byId("candidates").replaceChildren(
    head("candidate", "piece", "probability", "total"), ...listed.map((n) => candidateRow(n, alone)));
  byId("all").hidden = candidates.length <= MOST;
  byId("all").textContent = showAll ? "Show fewer" : `Show all ${candidates.length}`;
  tree.show(now);
}

function head(kind, name, ...values) {
  const cells = values.map((value) => span(value, "value"));
  return make("div", {className: `row head ${kind}`, "aria-hidden": "true"}, span(""), span(name), ...cells);
}

function row(node, kind, ...cells) {
  const properties = {type: "button", className: `row ${kind}`, title: texts[node], "data-node": node};
  const button = make("button", properties, symbol(kindOf(node)), ...cells);
  button.addEventListener("click", () => choose(node));
  return button;
}

// A node's text with what its own piece brought set off; `before` may be a cut beginning.
function written(node, before = texts[parentOf[node]] ?? "") {
  const joint = before && (/^\s/.test(shown.adds[node]) || !shown.adds[node].trim()) ? " " : "";
  const parts = node in shown.whole
    ? [make("mark", {textContent: texts[node]})]
    : [span(before + joint, "before"), make("mark", {textContent: added(node)})];
  return make("span", {dir: "auto"}, ...parts);
}

const cut = (words, longest) => (words.length > longest ? words.slice(-longest).replace(/^\S*\s?/, "… ") : words);

function hypothesisRow(node) {
  const isNew = stepOf[node] === now && node;
  const words = isNew ? written(node) : make("span", {dir: "auto", textContent: texts[node]});
  const tags = [];
  if (node === winner) tags.push("★ wins");
  else if (contested && onWinnerPath.has(node)) tags.push("★ later wins");
  if (status[node] === "finished" && stepOf[node] < now) tags.push(`finished at step ${stepOf[node]}`);
  words.append(...tags.flatMap((tag) => [" ", span(tag, "tag")]));
  const values = [total[node], normalised[node]].map((value) => span(number(value), "value"));
  const made = row(node, "hypothesis", words, ...values);
  made.setAttribute("aria-label", [spoken(node), ...tags].join(", "));
  return made;
}

function candidateRow(node, alone) {
  const p = Math.exp(logProb[node]);
  const fill = make("i", {className: status[node]});
  fill.style.width = `${Math.min(100, 100 * p)}%`;
  const words = written(node, alone ? "" : cut(texts[parentOf[node]], 24));
  const made = row(node, "candidate", words, make("span", {className: "bar"}, fill),
    span(percent(p), "value"), span(number(total[node]), "value"));
  made.setAttribute("aria-label", `${added(node)}, ${percent(p)}; ${spoken(node)}`);
  return made;
}

function detail(node) {
  if (!node) return [make("p", {className: "prefix", textContent: "⟨start⟩"}), note("Nothing is written yet.")];
  const place = hypotheses.findIndex((one) => one.leaf === node);
  const state = [WORDS[kindOf(node)], `step ${stepOf[node]}`];
  if (place >= 0) state.push(`output ${place + 1} of ${hypotheses.length}`);
  if (place >= 0 && !hypotheses[place].finished) state.push("cut off");
  if (place < 0 && contested && onWinnerPath.has(node)) state.push("later wins");
  const ended = children[node].length || stepOf[node] === lastStep || status[node] !== "kept";
  if (!ended) state.push("no continuation was kept");
  const facts = [
    ["this piece", percent(Math.exp(logProb[node]))], ["rank in its step", `${rank[node]}`],
    ["total", number(total[node])], ["score by length", number(normalised[node])],
  ];
  const pieces = pathTo(node).map((n) => make("li", {},
    make("span", {dir: "auto", textContent: shown.labels[n]}),
    make("small", {textContent: percent(Math.exp(logProb[n]))})));
  return [
    make("p", {className: "prefix"}, written(node)),
    make("p", {className: "state"}, symbol(kindOf(node)), state.join(", ")),
    make("dl", {className: "facts"}, ...facts.map(fact)),
    make("h3", {textContent: "Piece by piece"}), make("ol", {className: "pieces"}, ...pieces),
    ...(rowOf.has(parentOf[node]) ? looked(node, rowOf.get(parentOf[node])) : []),
  ];
}

const many = (value) => value.toFixed(value < 10 ? 1 : 0);

// Where the model looked, and how unsure it was, before it wrote the piece of `node`.
function looked(node, at) {
  const entropy = expanded.entropy[at];
  const unsure = note(
    `Before “${added(node)}” it was as unsure as among ${many(Math.exp(entropy))} equally likely pieces ` +
    `(entropy ${number(entropy)} nats).`);
  const title = make("h3", {textContent: "Where the model looked"});
  const weights = expanded.attention?.[at];
  const none = "The trace has no attention: its model read the sentence into one vector.";
  if (!weights) return [title, note(none), unsure];
  const edges = [...shown.starts, weights.length];
  const words = edges.slice(0, -1).map((start, word) => {
    const own = weights.slice(start, edges[word + 1]);
    return make("li", {}, ...own.map((weight, i) => column(shown.source[start + i], weight)));
  });
  return [title, make("ul", {className: "look"}, ...words), unsure];
}

function column(piece, weight) {
  const fill = make("i", {className: `heat${Math.max(1, Math.min(4, 1 + Math.round(3 * weight)))}`});
  fill.style.height = `${Math.max(0, Math.min(100, 100 * weight))}%`;
  return make("span", {}, make("small", {textContent: weight >= 0.005 ? percent(weight) : "\u00a0"}),
    make("span", {className: "column"}, fill), make("b", {dir: "auto", textContent: piece}));
}

function outputs() {
  const names = ["#", shown.said, "by length", "total", "pieces"];
  const header = names.map((name) => make("th", {scope: "col", textContent: name}));
  const lines = hypotheses.map((one, i) => {
    const open = make("button", {type: "button", dir: "auto", textContent: one.text || "(nothing)"});
    open.addEventListener("click", () => go(stepOf[one.leaf], one.leaf));
    const words = make("td", {}, open, ...(one.finished ? [] : [" ", span("cut off", "tag")]));
    const values = [number(one.normalised), number(one.log_prob), `${one.length}`];
    return make("tr", {}, make("td", {}, `${i + 1}`), words, ...values.map((value) => make("td", {}, value)));
  });
  byId("outputs").append(make("thead", {}, make("tr", {}, ...header)), make("tbody", {}, ...lines));
}

const ICONS = {
  first: "M5 5h2v14H5zM19 5v14L8 12z", previous: "M17 5v14L6 12z",
  next: "M7 5v14l11-7z", last: "M17 5h2v14h-2zM5 5v14l11-7z",
  play: "M7 4.5v15l12.5-7.5z", pause: "M6 5h4v14H6zM14 5h4v14h-4z",
};
const icon = (name) => draw("svg", {viewBox: "0 0 24 24", "aria-hidden": "true"}, draw("path", {d: ICONS[name]}));
const moves = {
  first: () => go(firstStep), previous: () => go(now - 1), next: () => go(now + 1), last: () => go(lastStep),
};
const KEYS = {Home: "first", ArrowLeft: "previous", ArrowRight: "next", End: "last"};

function play() {
  if (timer) return stop();
  if (now === lastStep) go(firstStep);
  timer = setInterval(() => go(now + 1), PLAY_EVERY);
  return playButton();
}

function stop() {
  clearInterval(timer);
  timer = 0;
  playButton();
}

function playButton() {
  byId("play").replaceChildren(icon(timer ? "pause" : "play"));
  byId("play").setAttribute("aria-label", timer ? "Pause" : "Play");
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.matches("input")) return;
  const space = event.key === " " && !event.target.closest("button, a");
  if (!space && !(event.key in KEYS)) return;
  event.preventDefault();
  if (space) return void play();
  stop();
  moves[KEYS[event.key]]();
}

function begin() {
  document.title = `${shown.title} – search replay`;
  byId("source").textContent = shown.title;
  byId("facts").append(...shown.facts.map(fact));
  byId("stop").textContent = shown.stop;
  for (const [id, move] of Object.entries(moves)) {
    byId(id).append(icon(id));
    byId(id).addEventListener("click", () => (stop(), move()));
  }
  byId("play").addEventListener("click", play);
  Object.assign(byId("slider"), {min: firstStep, max: lastStep, step: 1});
  byId("slider").addEventListener("input", (event) => (stop(), go(Number(event.target.value))));
  byId("all").addEventListener("click", () => ((showAll = !showAll), go(now)));
  document.addEventListener("keydown", press);
  const legend = {kept: "kept", dead: "given up since", finished: "finished", winner: "the winner"};
  byId("legend").append(...Object.entries(legend).map(([kind, word]) => make("span", {}, symbol(kind), word)));
  byId("download").href = URL.createObjectURL(new Blob([block("trace")], {type: "application/json"}));
  byId("download").download = "trace.json";
  outputs();
  stop();
}

const tree = makeTree(byId("tree"), pick);
begin();
go(now);
