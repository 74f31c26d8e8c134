// Shapes, and the tree of what was kept.

function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

function draw(tag, attributes = {}, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

// Shapes tell what colours tell.
const STAR = Array.from({length: 10}, (_, i) => {
  const [angle, radius] = [(i * Math.PI) / 5, i % 2 ? 3.6 : 8];
  return `${(radius * Math.sin(angle)).toFixed(1)} ${(-radius * Math.cos(angle)).toFixed(1)}`;
});
const CIRCLE = "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z";
const OUTLINES = {
  kept: CIRCLE,
  dead: CIRCLE,
  finished: "M-5-5H5V5H-5Z",
  winner: `M${STAR.join("L")}Z`,
  pruned: "M-4.5-4.5L4.5 4.5M4.5-4.5L-4.5 4.5",
  root: "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0Z",
};
const shape = (kind) => draw("path", {class: `shape ${kind}`, d: OUTLINES[kind]});
const symbol = (kind) => draw("svg", {class: "symbol", viewBox: "-8 -8 16 16", "aria-hidden": "true"}, shape(kind));

const ROW = 36; // pixels between two rows
const TOP = 36;
const GAP = 40; // between the labels of two steps

const short = (node) => {
  const words = node ? shown.labels[node] : "⟨start⟩";
  return words.length > 14 ? `${words.slice(0, 13)}…` : words;
};

// The middles of the columns, as wide as their labels, and how far each reaches to either side.
function columns(drawn) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `13px ${getComputedStyle(document.body).fontFamily}`;
  const half = new Array(lastStep + 1).fill(13);
  for (const n of drawn) half[stepOf[n]] = Math.max(half[stepOf[n]], pen.measureText(short(n)).width / 2 + 3);
  const x = [14 + half[0]];
  for (let s = 1; s <= lastStep; s++) x.push(x[s - 1] + half[s - 1] + GAP + half[s]);
  return {x, half};
}

// A step's kept nodes stand below each other, the best total on top; so a tree is as high as its beam is wide, no
// node ever moves, and a line that climbs is a hypothesis that overtakes others.
function heights() {
  const y = new Array(count).fill(TOP);
  for (const list of candidatesAt) {
    list.filter((n) => status[n] !== "pruned").forEach((n, place) => (y[n] = TOP + ROW * place));
  }
  return y;
}

// Draws the whole tree once; a step shows and hides columns, so that nothing moves.
// Returns show(step) and select(node). onPick(node, focus) is called when somebody picks a node.
function makeTree(box, onPick) {
  const drawn = [...Array(count).keys()].filter((n) => status[n] !== "pruned");
  const {x, half} = columns(drawn);
  const y = heights();
  const edges = x.map(() => draw("g"));
  const groups = x.map(() => draw("g"));
  const marks = new Map();
  const lines = new Map(); // from each node's parent to it
  let at = 0;

  function edge(n, s, p) {
    // The line bends in the gap between two steps, where no label stands.
    const [left, right] = [x[s - 1] + half[s - 1], x[s] - half[s]];
    const middle = (left + right) / 2;
    const curve = `H${left}C${middle} ${y[p]} ${middle} ${y[n]} ${right} ${y[n]}`;
    const kind = onWinnerPath.has(n) ? "edge winner" : "edge";
    return draw("path", {class: kind, d: `M${x[s - 1]} ${y[p]}${y[p] === y[n] ? "" : curve}H${x[s]}`});
  }

  function mark(n, s) {
    const label = draw("text", {x: x[s], y: y[n] - 13});
    label.textContent = short(n);
    const group = draw("g", {class: "node", role: "button", tabindex: "-1"},
      draw("rect", {class: "hit", x: x[s] - half[s] - 4, y: y[n] - 27, width: 2 * half[s] + 8, height: 37, rx: 7}),
      draw("g", {transform: `translate(${x[s]} ${y[n]})`}), label);
    group.addEventListener("click", () => onPick(n));
    return group;
  }

  for (const n of [...drawn].sort((a, b) => onWinnerPath.has(a) - onWinnerPath.has(b))) {
    if (n) lines.set(n, edge(n, stepOf[n], parentOf[n]));
    if (n) edges[stepOf[n]].append(lines.get(n));
    marks.set(n, mark(n, stepOf[n]));
    groups[stepOf[n]].append(marks.get(n));
  }
  const [width, height] = [x[lastStep] + half[lastStep] + 14, y.reduce((a, b) => Math.max(a, b)) + 22];
  box.append(draw("svg", {width, height, viewBox: `0 0 ${width} ${height}`}, ...edges, ...groups));

  function show(step) {
    const going = new Set([0]); // on the way to what is live or finished now
    for (let n of [...liveAt(step), ...finishedBy(step)]) for (; !going.has(n); n = parentOf[n]) going.add(n);
    x.forEach((_, s) => (edges[s].style.display = groups[s].style.display = s <= step ? "" : "none"));
    for (const [n, group] of marks) {
      if (stepOf[n] > step) continue;
      const kind = going.has(n) ? kindOf(n) : "dead";
      group.classList.toggle("dead", kind === "dead");
      group.children[1].replaceChildren(shape(kind));
      group.setAttribute("aria-label", spoken(n, kind));
    }
  }

  function select(node, focus) {
    at = marks.has(node) ? node : parentOf[node]; // a pruned candidate hangs on its parent
    const own = new Set(pathTo(node));
    for (const [n, line] of lines) line.classList.toggle("chosen", own.has(n));
    for (const [n, group] of marks) {
      group.setAttribute("aria-pressed", n === node);
      group.setAttribute("tabindex", n === at ? "0" : "-1");
    }
    const seen = (place, from, size, room) => Math.max(Math.min(from, place - room), place + room - size);
    box.scrollLeft = seen(x[stepOf[at]], box.scrollLeft, box.clientWidth, 115);
    box.scrollTop = seen(y[at], box.scrollTop, box.clientHeight, 50);
    if (focus) marks.get(at).focus({preventScroll: true});
  }

  box.addEventListener("keydown", (event) => {
    const column = drawn.filter((n) => stepOf[n] === stepOf[at]).sort((a, b) => y[a] - y[b]);
    const place = column.indexOf(at);
    const goal = {
      ArrowUp: column[place - 1], ArrowDown: column[place + 1],
      ArrowLeft: parentOf[at], ArrowRight: children[at][0],
      Enter: at, " ": at,
    };
    if (!(event.key in goal) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (goal[event.key] >= 0) onPick(goal[event.key], true);
  });
  return {show, select};
}
