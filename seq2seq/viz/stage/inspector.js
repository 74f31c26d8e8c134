// The right side: what could come next, what this step did, and the numbers.

const MOST = 8; // candidates shown until somebody asks for all

// What could come where `id` stands: it and its siblings, likeliest first.
function nextWords(scene, id, state, on) {
  const {nodes} = scene;
  const node = nodes[id];
  if (!id) return [note("Nothing is written yet. Press → to take the first step.")];
  const before = textTo(scene, node.parent);
  const own = state.inWords ? pieceLabel(node.piece).replace(/^·/, "") : pieceLabel(node.piece);
  const title = make("p", {className: "prefix", dir: "auto", lang: scene.target ?? ""},
    span(before ? `${before}${joint(node)}` : "", "before"), make("mark", {textContent: own}));
  const siblings = nodes[node.parent].children.map((each) => nodes[each]).sort((a, b) => b.logProb - a.logProb);
  const shown = state.all ? siblings : siblings.filter((each, i) => i < MOST || each.id === id || each.kept);
  const rows = shown.map((each) => candidate(scene, each, id, state, on));
  const more = make("button", {
    type: "button", className: "plain", hidden: siblings.length <= shown.length && !state.all,
    textContent: state.all ? "Show fewer" : `Show all ${siblings.length}`,
  });
  more.addEventListener("click", () => on.set({all: !state.all}));
  const ended = whyEnded(scene, node);
  return [
    title, make("h3", {textContent: "What could come here"}), make("div", {className: "rows"}, ...rows), more,
    make("p", {className: "state"}, symbol(shownKind(scene, node)),
      span(`${statusWords(scene, node)}; ${sureness(scene, node)}`)),
    ...(ended ? [note(ended)] : []),
    ...(on.force ? [forcing(scene, id, state, on)] : []),
    ...wordsOnTheWay(scene, id),
  ];
}

// What if it had written another word here?
function forcing(scene, id, state, on) {
  const {nodes} = scene;
  const tokens = (place) => pathTo(nodes, place).map((each) => nodes[each].token);
  const name = nodes[id].piece === "</s>" ? "the end" : `“${wordLabel(scene, nodes[id])}”`;
  const field = make("input", {
    type: "text", maxLength: 60, placeholder: "another word", value: state.typed, lang: scene.target ?? "",
    "aria-label": "Another word to force here",
  });
  field.addEventListener("input", () => (state.typed = field.value));
  const form = make("form", {className: "force"}, field, make("button", {className: "plain", textContent: "Force"}));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) on.force({tokens: tokens(nodes[id].parent), word: field.value.trim()});
  });
  const chosen = make("button", {
    type: "button", className: "plain", textContent: `Force ${name} here`,
    hidden: scene.onPath[scene.main].has(id),
  });
  chosen.addEventListener("click", () => on.force({tokens: tokens(id), word: ""}));
  return make("div", {className: "forcing"}, make("h3", {textContent: "What if it wrote something else here?"}), chosen, form);
}

// As the tree draws it: what was given up later is hollow.
function shownKind(scene, node) {
  const kind = kindOf(scene, node);
  if (kind !== "kept" && !(kind === "pruned" && node.kept)) return kind;
  return scene.leads.has(node.id) ? "kept" : "dead";
}

const joint = (node) => (node.piece.startsWith("▁") && !node.piece.includes(JOINER) ? " " : "");

function candidate(scene, node, chosen, state, on) {
  const shapeOf = shownKind(scene, node);
  const way = scene.onPath[scene.main].has(node.id) ? "winner" : scene.main && scene.onPath[0].has(node.id) ? scene.first : shapeOf;
  const fill = make("i", {className: way});
  fill.style.width = `${Math.min(100, 100 * chance(node))}%`;
  const label = state.inWords ? wordLabel(scene, node) : pieceLabel(node.piece);
  const row = make("button", {
    type: "button", className: `row candidate ${node.kept ? "" : "pruned"}`, "data-node": node.id,
    title: statusWords(scene, node),
  }, symbol(shapeOf), make("span", {textContent: label, dir: "auto", lang: scene.target ?? "", className: "word"}),
  make("span", {className: "bar"}, fill), span(percent(chance(node)), "value"));
  row.setAttribute("aria-pressed", node.id === chosen);
  row.setAttribute("aria-label", `${label}, ${percent(chance(node))}, ${statusWords(scene, node)}`);
  row.addEventListener("click", () => on.pick(node.id));
  return row;
}

function sureness(scene, node) {
  const looked = attentionAt(scene, node);
  const p = `${percent(chance(node))} likely`;
  if (!looked) return p;
  const among = Math.round(Math.exp(looked.entropy));
  return among > 1 ? `${p}; the model was as unsure here as between ${among} pieces that are equally likely` : p;
}

function wordsOnTheWay(scene, id) {
  const path = pathTo(scene.nodes, id);
  const words = wordsOf(path.map((each) => scene.nodes[each].piece)).map((own) => own.map((i) => scene.nodes[path[i]]));
  const list = words.map((own) => make("li", {},
    make("span", {dir: "auto", textContent: textOf(own.map((node) => node.piece)).trim() || "⟨end⟩"}),
    make("small", {textContent: percent(Math.exp(own.reduce((sum, node) => sum + node.logProb, 0)))})));
  return [make("h3", {textContent: "Word by word"}), make("ol", {className: "pieces", lang: scene.target ?? ""}, ...list)];
}

// What a step did: the hypotheses that it kept, best total first.
function thisStep(scene, id, state, on) {
  const {trace, nodes} = scene;
  const at = Math.min(state.now, trace.stop.steps);
  const kept = nodes.filter((node) => node.of.has(scene.main) && node.step === at && valueOf(scene, node, "status") !== "pruned")
    .sort((a, b) => b.total - a.total);
  const finished = nodes.filter((node) => node.step < at && node.of.has(scene.main) && valueOf(scene, node, "status") === "finished");
  const pruned = nodes.filter((node) => node.of.has(scene.main) && node.step === at && valueOf(scene, node, "status") === "pruned").length;
  const row = (node) => {
    const made = make("button", {type: "button", className: "row hypothesis", "data-node": node.id},
      symbol(kindOf(scene, node)), make("span", {dir: "auto", lang: scene.target ?? "", textContent: textTo(scene, node.id) || "⟨end⟩"}),
      span(number(node.total), "value"));
    made.setAttribute("aria-pressed", node.id === id);
    made.addEventListener("click", () => on.pick(node.id));
    return made;
  };
  const live = kept.filter((node) => valueOf(scene, node, "status") === "kept").length;
  return [
    note(`${scene.searches[scene.main].name}, step ${at}: ${live} live, ${kept.length - live + finished.length} finished, ` +
      `${pruned} pruned on record. The number is the log-probability so far.`),
    make("div", {className: "rows"}, ...kept.map(row)),
    ...(finished.length ? [make("h3", {textContent: "Finished before"}), make("div", {className: "rows"}, ...finished.map(row))] : []),
  ];
}

// Scores and rules; every figure has its table here.
function numbers(scene, id, state, on) {
  const parts = scene.searches.flatMap(({name, trace}, search) => {
    const names = ["", outputName(scene), "by length", "total", "pieces"];
    const header = names.map((each) => make("th", {scope: "col", textContent: each}));
    const lines = trace.hypotheses.map((one, i) => {
      const open = make("button", {type: "button", dir: "auto", lang: scene.target ?? "", textContent: one.text || "(nothing)"});
      const leaf = scene.nodes.find((node) => node.of.get(search) === one.leaf);
      open.addEventListener("click", () => on.pick(leaf.id));
      const ranked = trace.options.mode.kind === "beam"; // other searches compare no outputs
      const cells = [ranked ? number(one.normalised) : "–", number(one.log_prob), `${one.length}`];
      return make("tr", {}, make("td", {}, `${i + 1}`), make("td", {}, open, ...(one.finished ? [] : [" (cut off)"])),
        ...cells.map((value) => make("td", {textContent: value})));
    });
    return [make("h3", {textContent: name}),
      make("table", {}, make("thead", {}, make("tr", {}, ...header)), make("tbody", {}, ...lines))];
  });
  const {mode} = scene.trace.options;
  const alpha = mode.alpha ?? 0;
  return [
    ...parts,
    note(`“Total” is the natural logarithm of the probability, all pieces together; closer to 0 is likelier. “By length” divides ` +
      `it by ((5 + pieces) / 6)^α with α = ${number(alpha)}, so that a longer output is not worse for its length alone ` +
      "(Wu et al. 2016). Greedy search does not compare outputs, and has no α."),
    note(`The search ends when ${scene.trace.stop.rule}. The bound of a live hypothesis is ${scene.trace.stop.bound}.`),
    make("dl", {className: "facts"}, ...facts(scene.trace).map(([name, value]) =>
      make("div", {}, make("dt", {textContent: name}), make("dd", {textContent: value})))),
  ];
}

// How a search was asked for.
function facts(trace) {
  const {options, model, edits} = trace;
  const {mode} = options;
  const found = [["model", model.name], ["weights", model.digest.slice(0, 12)]];
  if (mode.kind === "greedy") found.push(["search", "greedy: the likeliest piece at every step"]);
  if (mode.kind === "beam") {
    const groups = mode.groups > 1 ? ` in ${mode.groups} groups, diversity ${mode.diversity}` : "";
    found.push(["search", `beam of ${mode.size}${groups}`], ["length penalty", `α = ${number(mode.alpha)}`]);
    if (mode.coverage) found.push(["coverage penalty", `β = ${number(mode.coverage)}`]);
  }
  if (mode.kind === "sample") {
    found.push(["search", "sampling"], ["temperature", `${mode.temperature}`]);
    if (mode.top_k) found.push(["top-k", `${mode.top_k}`]);
    if (mode.top_p < 1) found.push(["top-p", `${mode.top_p}`]);
    found.push(["seed", `${mode.seed}`]);
  }
  found.push(["n-best outputs", `${options.n_best}`]);
  found.push(["longest output", options.max_length === null ? "2 × source + 10 pieces" : `${options.max_length} pieces`]);
  if (options.min_length > 1) found.push(["shortest output", `${options.min_length} pieces`]);
  if (options.no_repeat) found.push(["no repeats", `of ${options.no_repeat} pieces in a row`]);
  if (options.prefix.length) found.push(["forced prefix", `${options.prefix.length} pieces`]);
  const replaced = edits.at(-1)?.attention ?? [];
  if (replaced.length) found.push(["attention replaced", `at step ${replaced.map((row) => row.step).join(", ")}`]);
  return found;
}

const TABS = {next: ["Next word", nextWords], step: ["This step", thisStep], numbers: ["Numbers", numbers]};
