// The menu on a node: what else could stand there or come next, a word of one's own, going on from it, and why it ended.

const OFFERED = 4; // candidates of each kind in the menu

// `root`: the stage. `on`: {force(asked) or null, back(id)}. Returns {open(id, rectangle), close()}.
function makeMenu(root, on) {
  let box = null;

  function close(focus = false) {
    if (!box) return;
    const id = Number(box.dataset.of);
    box.remove();
    box = null;
    if (focus) on.back(id);
  }

  function open(scene, id, at) {
    close();
    box = make("div", {className: "menu card", role: "menu", "aria-label": `What if, at “${nameOf(scene, id)}”`, "data-of": id},
      ...(on.force ? offers(scene, id, on.force) : []), reason(scene, scene.nodes[id]));
    box.addEventListener("keydown", (event) => press(event));
    root.append(box);
    place(at);
    (box.querySelector("button") ?? box).focus({preventScroll: true});
  }

  // Below the node, or above it where there is no room; never outside of the stage or the window.
  function place(at) {
    const [outer, own] = [root.getBoundingClientRect(), box.getBoundingClientRect()];
    const left = Math.max(0, Math.min(at.left - outer.left, outer.width - own.width));
    const lowest = innerHeight - own.height - 6;
    const top = at.bottom + 6 <= lowest ? at.bottom + 6 : at.top - own.height - 6;
    box.style.left = `${left}px`;
    box.style.top = `${Math.max(outer.top, top > 60 ? top : Math.min(at.bottom + 6, lowest)) - outer.top}px`;
  }

  function press(event) {
    if (event.key === "Escape") { event.stopPropagation(); return close(true); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    const stops = [...box.querySelectorAll("button, input")];
    const now = stops.indexOf(event.target);
    stops[(now + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length].focus();
  }

  root.addEventListener("pointerdown", (event) => { if (box && !box.contains(event.target)) close(); });
  return {open, close};
}

const nameOf = (scene, id) => (id ? wordLabel(scene, scene.nodes[id]) : "the start");
const tokensTo = (scene, id) => pathTo(scene.nodes, id).map((each) => scene.nodes[each].token);

// What can be forced at a node.
function offers(scene, id, force) {
  const {nodes} = scene;
  const likeliest = (ids) => ids.map((each) => nodes[each]).sort((a, b) => b.logProb - a.logProb).slice(0, OFFERED);
  const row = (node) => {
    const item = make("button", {type: "button", role: "menuitem", className: "row", lang: scene.target ?? ""},
      symbol(shownKind(scene, node)), make("span", {dir: "auto", textContent: wordLabel(scene, node)}), span(percent(chance(node)), "value"));
    item.addEventListener("click", () => force({tokens: tokensTo(scene, node.id), word: ""}));
    return item;
  };
  const group = (title, found) => (found.length ? [make("h3", {textContent: title}), ...found.map(row)] : []);
  const beside = id ? nodes[nodes[id].parent].children.filter((each) => each !== id) : [];
  const after = group("Force after it", likeliest(nodes[id].children));
  if (!id) return after;
  const field = make("input", {type: "text", maxLength: 60, placeholder: "another word", lang: scene.target ?? "", "aria-label": "Another word in its place"});
  const form = make("form", {className: "force"}, field, make("button", {className: "plain", textContent: "Force"}));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) force({tokens: tokensTo(scene, nodes[id].parent), word: field.value.trim()});
  });
  const found = [...group("Force in its place", likeliest(beside)), form, ...after];
  if (nodes[id].piece === "</s>") return found;
  const onward = make("button", {type: "button", role: "menuitem", className: "row onward", textContent: "Go on from here alone"});
  onward.title = "Forces what stands up to here; every slot of the search goes on behind it.";
  onward.addEventListener("click", () => force({tokens: tokensTo(scene, id), word: ""}));
  return [...found, onward];
}

// Why nothing follows a node, or that something does.
function reason(scene, node) {
  const kind = kindOf(scene, node);
  const finished = kind === "finished" || kind === "winner" ? "Finished: it wrote the end." : "";
  const pruned = kind === "pruned" && !node.kept ? `It ended here: ${statusWords(scene, node)} at step ${node.step}.` : "";
  const says = whyEnded(scene, node) || finished || pruned || `It goes on: ${statusWords(scene, node)}.`;
  return make("p", {className: "note why", textContent: says});
}
