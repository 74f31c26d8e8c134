// What stands below the stage: the n best outputs, and the attention of the best one as a heatmap.

function nBest(trace) {
  const alpha = trace.options.mode.alpha ?? 0;
  const rows = trace.hypotheses.map((one, i) => [
    `${i + 1}`, one.text || "(nothing)", percent(Math.exp(one.log_prob)), signed(one.log_prob), signed(one.normalised), one.finished ? "" : "cut off",
  ]);
  const columns = ["", "output", "likely", "log-probability", `score (α ${alpha})`, ""];
  const shown = rows.some((row) => row[5]) ? rows : rows.map((row) => row.slice(0, 5));
  return make("section", {}, make("h2", {textContent: `The ${rows.length === 1 ? "output" : `${rows.length} best`} of the beam`}),
    drawTable({columns: columns.slice(0, shown[0].length), rows: shown, marked: [0]}),
    note("The score is the log-probability divided by ((5 + length) / 6) to the power of α: by it the outputs are ranked."),
    traceButton(trace));
}

// The record of the search, which the toolkit and the app open again.
function traceButton(trace) {
  const made = make("button", {type: "button", className: "plain", textContent: "Save the trace (JSON)"});
  made.addEventListener("click", () => save(new Blob([JSON.stringify(trace)], {type: "application/json"}), "trace.json"));
  return made;
}

const signed = (value) => value.toFixed(2).replace("-", "−");

// By word: summed over a word's source pieces, averaged over its own.
function attentionOf(trace) {
  const {nodes, expanded, source, hypotheses: [{leaf}]} = trace;
  if (!expanded.attention) return null;
  const path = [];
  for (let node = leaf; node > 0; node = nodes.parent[node]) path.unshift(node);
  const edges = [...source.starts, source.pieces.length];
  const rowOf = (node) => {
    const row = expanded.attention[expanded.node.indexOf(nodes.parent[node])];
    return source.starts.map((start, i) => sum(row.slice(start, edges[i + 1])));
  };
  const words = wordsOf(path.map((node) => nodes.piece[node]));
  const named = (pieces) => (pieces[0] === "</s>" ? "⟨end⟩" : stripped(textOf(pieces)));
  const found = words.map((places) => {
    const rows = places.map((place) => rowOf(path[place]));
    return {name: named(places.map((place) => nodes.piece[path[place]])), row: rows[0].map((_, i) => sum(rows.map((each) => each[i])) / rows.length)};
  }).filter(({name}) => name);
  return make("section", {}, make("h2", {textContent: "Where it looked"}), drawHeatmap({
    columns: source.words.map((word) => (word === "</s>" ? "⟨end⟩" : word)), rows: found.map(({name}) => name),
    weights: found.map(({row}) => row), asked: null, pads: 0,
  }, {shown: true, picked: new Set(), pick: null, answer: null}));
}
