// Sentences to start from, each as a card with a sketch of its tree: as the stage draws it, without words.

const STEP = 13;
const ROW = 11;
const ROWS = 5; // below the first; a sketch leaves the others out

function mount({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector(".cards");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  root.replaceChildren(...data.cards.map((card, place) => {
    const button = document.createElement("button");
    button.type = "button";
    const part = (tag, text, lang = "") => Object.assign(document.createElement(tag), {textContent: text, lang});
    button.append(sketch(card.tree), part("b", card.title), part("q", card.text, data.language), part("small", card.look));
    button.addEventListener("click", () => setTriggerValue("chosen", {place, at: Date.now()}));
    return button;
  }));
}

// The winner runs along the top, greedy's own way below it; others take the highest row that is free.
function rowsOf(tree) {
  const children = tree.map(() => []);
  tree.forEach(({parent}, node) => parent >= 0 && children[parent].push(node));
  const rank = {winner: 0, first: 1, kept: 2};
  const taken = [];
  const rows = tree.map(() => 0);
  const heads = [0];
  while (heads.length) {
    heads.sort((a, b) => rank[tree[b].way] - rank[tree[a].way]);
    const chain = [heads.pop()];
    for (;;) {
      const [next, ...others] = [...children[chain.at(-1)]].sort((a, b) => rank[tree[a].way] - rank[tree[b].way]);
      heads.push(...others);
      if (next === undefined) break;
      chain.push(next);
    }
    const steps = chain.map((node) => tree[node].step);
    let row = tree[chain[0]].parent < 0 ? 0 : rows[tree[chain[0]].parent] + 1;
    while (steps.some((step) => taken[row]?.has(step))) row++;
    while (taken.length <= row) taken.push(new Set());
    chain.forEach((node, i) => { rows[node] = row; taken[row].add(steps[i]); });
  }
  return rows;
}

function sketch(tree) {
  const rows = rowsOf(tree);
  const draw = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const x = (node) => 8 + STEP * tree[node].step;
  const y = (node) => 8 + ROW * rows[node];
  const wide = 16 + STEP * Math.max(...tree.map(({step}) => step));
  const high = 16 + ROW * Math.min(ROWS, Math.max(...rows));
  const svg = draw("svg", {viewBox: `0 0 ${wide} ${high}`, "aria-hidden": "true", preserveAspectRatio: "xMinYMid meet"});
  const shown = tree.map((_, node) => node).slice(1).filter((node) => rows[node] <= ROWS);
  const order = shown.sort((a, b) => (tree[a].way === "kept" ? 0 : 1) - (tree[b].way === "kept" ? 0 : 1));
  for (const node of order) {
    const {parent, way} = tree[node];
    const middle = (x(parent) + x(node)) / 2;
    svg.append(draw("path", {
      class: way, d: `M${x(parent)} ${y(parent)}C${middle} ${y(parent)} ${middle} ${y(node)} ${x(node)} ${y(node)}`,
    }));
  }
  for (const node of order) svg.append(draw("circle", {class: tree[node].way, cx: x(node), cy: y(node), r: 2.4}));
  return svg;
}
