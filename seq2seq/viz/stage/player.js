// The stage: a verdict, the source, the tree, the controls and the inspector, all linked.

const PLAY_EVERY = 650; // milliseconds

// Draws a stage into `root`. `tell(name, value)` is called for events that somebody else has to answer.
// Returns {update(data), destroy()}; data: id and searches, as stage.py makes them; step and node, where to start; play, once by itself;
// keys, whether those of the page step at once; remember, the step in the address; language, target; force, undo; hides, whether a region can be greyed out; picks, whether a chosen node is told; questions, pairs of name and title, and asked, the open one.
function makeStage(root, tell) {
  let scene, tree, light, units;
  let data = {};
  const state = {now: 0, chosen: null, hovered: null, word: null, hoveredWord: null, inWords: true, tab: "next", all: false, typed: ""};
  const menu = makeMenu(root, {get force() { return sends(); }, back: (id) => tree.focus(id)});
  let timer = 0;
  let awake = false; // whether the keys of the whole page are ours
  const parts = {};

  function update(given) {
    const same = data.id && data.id === given.id && data.numbers === given.numbers;
    data = given;
    awake = awake || Boolean(given.keys);
    if (same) return drawQuestions();
    scene = Object.assign(makeScene(given.searches), {target: given.target, language: given.language, picture: given.picture, numbers: given.numbers});
    Object.assign(state, {typed: "", chosen: null, hovered: null, word: null, hoveredWord: null, all: false});
    stop();
    build();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = given.step && given.step <= scene.lastStep ? given.step : scene.lastStep;
    const asked = given.node ? scene.nodes.find((node) => node.of.get(scene.main) === given.node) : null;
    if (asked && asked.step <= start) state.chosen = asked.id;
    else if (start === scene.lastStep && !given.picks) state.chosen = telling();
    go(given.play && !still && !given.step ? 1 : start, false);
    if (given.play && given.seek) root.scrollIntoView({block: "start"}); // it was chosen further down
    if (given.play && !still && !given.step) play();
  }

  function build() {
    root.replaceChildren();
    root.classList.add("stage");
    parts.verdict = make("p", {className: "verdict"}, ...verdict(scene).map(([text, name]) => span(text, name)));
    parts.verdict.title = partingPrice(scene);
    if (data.undo) {
      const undo = make("button", {type: "button", className: "plain", textContent: "Undo"});
      undo.addEventListener("click", () => tell("undo", {at: Date.now()}));
      parts.verdict.append(" ", undo);
    }
    parts.looks = make("p", {className: "looks", "aria-live": "polite"});
    parts.source = make("div", {className: "source"});
    parts.tree = make("div", {className: "tree", role: "group", "aria-label": "Tree of the searches; arrow keys move in it"});
    parts.panel = make("div", {className: "panel", role: "tabpanel", tabIndex: 0});
    parts.tabs = make("div", {className: "tabs", role: "tablist"});
    const figure = make("div", {className: "figure card"}, parts.looks, make("div", {className: `pictures ${scene.source.kind}-source`}, parts.source, parts.tree), controls(), outputs(), legend());
    parts.questions = make("div", {className: "questions", role: "group", "aria-label": "Ask more of this search"});
    const inspector = make("aside", {className: "inspector card", "aria-label": "Inspector"}, parts.tabs, parts.panel, parts.questions);
    root.append(parts.verdict, make("div", {className: "grid"}, figure, inspector));
    drawTabs();
    drawQuestions();
    grow();
  }

  function grow() {
    units = sourceUnits(scene.source, state.inWords);
    light = drawSource(parts.source, scene, units, {
      hover: (word) => set({hoveredWord: word}),
      pick: (word) => set({word: state.word === word ? null : word}),
    });
    tree = drawTree(parts.tree, scene, state.inWords, {pick, hover: (id) => set({hovered: id}), menu: openMenu});
    parts.dot.hidden = !tree.layout.items.some((item) => item.label.startsWith("·"));
  }

  function openMenu(id, at) {
    awake = true;
    stop();
    menu.open(scene, id, at);
  }

  // What asks the server for a forced beginning; null where nothing can be forced.
  function sends() {
    if (!data.force) return null;
    return (asked) => { menu.close(); tell("force", {...asked, at: Date.now()}); };
  }

  // What the finished picture is about: where the searches part, or else where another word came nearest.
  const telling = () => scene.part?.other ?? closest(scene)?.node.id ?? scene.paths[scene.main][0];
  const winnerAt = (step) => {
    const path = scene.paths[scene.main];
    return path[Math.min(step, path.length) - 1] ?? 0;
  };
  const looked = () => state.hovered ?? state.chosen ?? winnerAt(state.now);

  // Where a hypothesis stands at another step: its beginning, or its best continuation that was kept.
  function follow(id, step) {
    const {nodes} = scene;
    while (nodes[id].step > step) id = nodes[id].parent;
    while (nodes[id].step < step) {
      const next = [...nodes[id].going].sort((a, b) =>
        scene.onPath[scene.main].has(b) - scene.onPath[scene.main].has(a)
        || scene.onPath[0].has(b) - scene.onPath[0].has(a) || nodes[b].total - nodes[a].total)[0];
      if (next === undefined) return null;
      id = next;
    }
    return id;
  }

  function go(step, chosenToo = true) {
    const before = state.now;
    menu.close();
    state.now = Math.max(1, Math.min(scene.lastStep, step));
    if (state.now === scene.lastStep) stop();
    if (chosenToo && state.chosen !== null && before !== state.now) state.chosen = follow(state.chosen, state.now);
    state.all = false;
    parts.slider.value = state.now;
    const says = `Step ${state.now} of ${scene.lastStep}`;
    parts.slider.setAttribute("aria-valuetext", says);
    parts.step.replaceChildren(make("b", {textContent: "Step "}), `${state.now} of ${scene.lastStep}`);
    tree.show(state.now);
    remember();
    redraw();
  }

  function set(change) {
    Object.assign(state, change);
    redraw();
  }

  function pick(id, focus = false) {
    awake = true;
    state.chosen = state.chosen === id ? null : id;
    if (data.picks) tell("pick", {node: scene.nodes[id].of.get(scene.main) ?? -1});
    if (scene.nodes[id].step !== state.now) go(scene.nodes[id].step, false);
    else { remember(); redraw(); }
    if (focus) tree.focus(id);
  }

  function redraw() {
    const scroll = parts.panel.scrollTop; // read before anything changes, since reading lays the page out
    const id = looked();
    const node = scene.nodes[id];
    const seen = attentionAt(scene, node);
    const word = state.hoveredWord ?? state.word;
    const lit = word === null ? null : lookers(word);
    const own = new Set(pathTo(scene.nodes, id));
    tree.light(state.chosen ?? winnerAt(state.now), own, lit);
    light(seen?.weights ? units.map(({pieces}) => sum(seen.weights.slice(...pieces))) : null, word);
    const said = make("p", {}, ...lookedAt(node, seen, word, lit));
    // A button in it must not be exchanged while it is pressed.
    if (said.textContent !== parts.looks.textContent) parts.looks.replaceChildren(...said.childNodes);
    const [, fill] = TABS[state.tab];
    if (root.getRootNode().activeElement?.closest?.(".force")) return; // somebody types there
    parts.panel.replaceChildren(...fill(scene, id, state, {pick, set, force: sends()}));
    if (scroll) parts.panel.scrollTop = scroll;
  }

  function lookedAt(node, seen, word, lit) {
    if (word !== null) {
      const names = [...lit.keys()].filter((id) => lit.get(id) >= 0.2 && scene.onPath[scene.main].has(id))
        .map((id) => `“${wordAt(scene, id, scene.paths[scene.main].at(-1))}”`);
      const found = [...new Set(names)].slice(0, 6).join(", ");
      const name = scene.source.kind === "photo" ? units[word].name : `“${units[word].name}”`;
      const says = span(found ? `The model looked at ${name} for ${found}` : `No word of the winner looked much at ${name}`);
      return word === state.word && data.hides ? [says, " ", hideButton(word)] : [says];
    }
    if (!node.id) return [span("Before the first word")];
    const name = node.piece === "</s>" ? "the end" : `“${wordAt(scene, node.id)}”`;
    if (!seen?.weights) return [span(`This model has no attention: it reads the ${scene.source.kind} into one vector.`)];
    return [span(`Where the model looks while it writes ${name}`)];
  }

  // Asks for the caption without a region of the photo.
  function hideButton(word) {
    const made = make("button", {type: "button", className: "plain", textContent: "Grey it out"});
    made.addEventListener("click", () => tell("hide", {region: word + 1, at: Date.now()}));
    return made;
  }

  // The nodes that looked at a word of the source, with their weights on it.
  function lookers(word) {
    const found = new Map();
    for (const node of scene.nodes) {
      const weights = node.kept && node.id ? attentionAt(scene, node)?.weights : null;
      if (weights) found.set(node.id, sum(weights.slice(...units[word].pieces)));
    }
    return found;
  }

  function controls() {
    const button = (name, label, act) => {
      const made = make("button", {type: "button", title: label, "aria-label": label}, icon(name));
      made.addEventListener("click", () => { awake = true; act(); });
      return made;
    };
    parts.play = button("play", "Play (space)", play);
    parts.play.classList.add("play");
    parts.slider = make("input", {type: "range", min: 1, max: scene.lastStep, step: 1, "aria-label": "Step"});
    parts.slider.addEventListener("input", () => { awake = true; stop(); go(Number(parts.slider.value)); });
    parts.step = span("", "count");
    parts.step.setAttribute("aria-hidden", "true");
    parts.pieces = make("button", {type: "button", className: "plain switch", textContent: "pieces"});
    parts.pieces.title = "Shows SentencePiece's pieces in place of words: a dot stands before a piece that goes on with a word, <0x..> is one byte of a rare sign.";
    parts.pieces.setAttribute("aria-pressed", !state.inWords);
    parts.pieces.addEventListener("click", () => {
      Object.assign(state, {inWords: !state.inWords, word: null, hoveredWord: null});
      parts.pieces.setAttribute("aria-pressed", !state.inWords);
      grow();
      go(state.now);
    });
    return make("div", {className: "controls", role: "group", "aria-label": "Playback"},
      button("first", "First step (Home)", () => { stop(); go(1); }),
      button("previous", "Previous step (←)", () => { stop(); go(state.now - 1); }),
      parts.play,
      button("next", "Next step (→)", () => { stop(); onward(); }),
      button("last", "Last step (End)", () => { stop(); go(scene.lastStep); }),
      parts.slider, parts.step, parts.pieces);
  }

  const onward = () => go(state.now === scene.lastStep ? 1 : state.now + 1);

  function outputs() {
    const names = scene.searches.map(({name}) => name);
    const equal = scene.main && !scene.part; // one output for both
    if (equal) names[scene.main] = `${names[0]} and ${names[scene.main].toLowerCase()}`;
    parts.outputs = scene.searches.map(({trace}, search) => {
      const name = names[search];
      const best = trace.hypotheses[0];
      const kind = scene.searches.length === 1 || search === scene.main ? "winner" : [scene.first, "winner", "sample"][search];
      const leaf = scene.paths[search].at(-1);
      const made = make("button", {type: "button", className: `output ${kind}`},
        make("small", {title: "The probability of exactly these words among all that the model could write: many words share it, so it is small.", textContent: `${name} · ${percent(Math.exp(best.log_prob))} likely${best.finished ? "" : " · cut off"}`}),
        make("span", {dir: "auto", lang: data.target ?? ""}, ...sentence(search)));
      made.addEventListener("click", () => pick(leaf));
      made.addEventListener("pointerenter", () => set({hovered: leaf}));
      made.addEventListener("pointerleave", () => set({hovered: null}));
      return made;
    });
    return make("div", {className: "outputs"}, ...parts.outputs.slice(equal ? 1 : 0));
  }

  // An output, with what is its own behind the fork set off.
  function sentence(search) {
    const text = scene.searches[search].trace.hypotheses[0].text;
    const shared = scene.part ? textTo(scene, scene.part.at) : "";
    const own = search === scene.main || !search;
    if (!scene.part || !own || !text.startsWith(shared)) return [span(text || "(nothing)")];
    return [span(shared, "before"), span(text.slice(shared.length))];
  }

  function legend() {
    const kinds = [["kept", "kept"], ["dead", "given up since"], ["finished", "finished"], ["winner", "winner"], ["pruned", "pruned"]];
    const marks = kinds.map(([kind, word]) => make("span", {}, symbol(kind), word));
    const line = (kind, word) => make("span", {}, make("i", {className: `stroke ${kind}`}), word);
    const lines = scene.main ? [line(scene.first, scene.first), line("winner", scene.first === "greedy" ? "beam's winner" : "winner")] : [];
    if (scene.paths[2]) lines.push(line("sample", "sample"));
    parts.dot = span("·s goes on with a word");
    const saves = ["svg", "png"].map((kind) => {
      const button = make("button", {
        type: "button", className: "plain", textContent: kind.toUpperCase(), "aria-label": `Save as ${kind.toUpperCase()}`,
      });
      button.addEventListener("click", () => savePicture(root, scene, tree, kind));
      return button;
    });
    if (data.remember) saves.push(linkButton());
    return make("p", {className: "legend"}, ...marks, ...lines, span("thick: likely"), parts.dot, make("span", {className: "saves"}, ...saves));
  }

  function linkButton() {
    const button = make("button", {type: "button", className: "plain", textContent: "Copy link"});
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Copy it from the address line"; // the browser allows no more
      }
      setTimeout(() => (button.textContent = "Copy link"), 2500);
    });
    return button;
  }

  function drawTabs() {
    parts.tabs.replaceChildren(...Object.entries(TABS).map(([name, [title]]) => {
      const tab = make("button", {type: "button", role: "tab", textContent: title});
      tab.setAttribute("aria-selected", state.tab === name);
      tab.addEventListener("click", () => { state.tab = name; drawTabs(); redraw(); });
      return tab;
    }));
  }

  // Questions that the server answers below the stage; asking the open one again closes it.
  function drawQuestions() {
    parts.questions.hidden = !data.questions?.length;
    parts.questions.replaceChildren(...(data.questions ?? []).map(([name, title]) => {
      const made = make("button", {type: "button", className: "plain switch", textContent: title});
      made.setAttribute("aria-pressed", data.asked === name);
      made.addEventListener("click", () => tell("ask", {name: data.asked === name ? "" : name, at: Date.now()}));
      return made;
    }));
  }

  function play() {
    if (timer) return stop();
    if (state.now === scene.lastStep) go(1);
    timer = setInterval(() => {
      go(state.now + 1);
      if (state.now === scene.lastStep) set({chosen: telling()});
    }, PLAY_EVERY);
    return playButton();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    if (parts.play) playButton();
  }

  function playButton() {
    parts.play.replaceChildren(icon(timer ? "pause" : "play"));
    parts.play.setAttribute("aria-label", timer ? "Pause (space)" : "Play (space)");
    parts.play.title = parts.play.getAttribute("aria-label");
  }

  function remember() {
    if (!data.remember) return;
    const address = new URL(location.href);
    address.searchParams.set("step", state.now);
    const node = scene.nodes[state.chosen]?.of.get(scene.main);
    if (node) address.searchParams.set("node", node);
    else address.searchParams.delete("node");
    history.replaceState(history.state, "", address);
  }

  const moves = {
    Home: () => go(1), End: () => go(scene.lastStep),
    ArrowLeft: () => go(state.now - 1), ArrowRight: onward,
    ArrowUp: () => beside(-1), ArrowDown: () => beside(1),
  };

  // The node above or below in the same step.
  function beside(by) {
    const column = tree.rowsAt(state.now);
    const at = column.findIndex((item) => item.nodes.includes(state.chosen ?? winnerAt(state.now)));
    const next = column[at + by];
    if (next) { state.chosen = null; pick(tree.atStep(next), true); }
  }

  function press(event) {
    if (!root.getClientRects().length) return; // it is not shown
    const path = event.composedPath();
    const inside = path.includes(root);
    if (!awake && !inside) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !root.isConnected) return;
    const field = path[0].closest?.("input, textarea, select, [contenteditable], [role=slider], [role=listbox]");
    if (field) return;
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (vertical && !path.includes(parts.tree)) return;
    const space = event.key === " " && !path[0].closest?.("button, a, summary, [role=button]");
    if (!space && !(event.key in moves)) {
      const node = path[0].closest?.("[data-node]");
      if (node && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); pick(Number(node.dataset.node)); }
      return;
    }
    event.preventDefault();
    if (space) return void play();
    stop();
    moves[event.key]();
  }

  document.addEventListener("keydown", press);
  const resized = new ResizeObserver(() => tree?.fit());
  resized.observe(root);
  function destroy() {
    stop();
    document.removeEventListener("keydown", press);
    resized.disconnect();
  }
  return {update, destroy};
}
