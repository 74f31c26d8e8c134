// Where the tree's nodes stand: rows and columns. A chain of pieces without a fork is one word.

const MARGIN = 18;
const GAP = 20; // between two labels of a row
const NARROWEST = 26; // a step without a label of its own
const ROW = 46;
const WIDEST = 1.7; // how far columns are drawn apart where there is room
const TOP = 34;

// What is drawn: [{id, nodes, step, last, label, row}], `id` of its first node. byNode: the item of each node.
function layOut(scene, inWords, widthOf, room) {
  const {nodes} = scene;
  const byNode = new Map();
  const items = [];
  const order = (ids) => [...ids].sort((a, b) =>
    scene.onPath[scene.main].has(b) - scene.onPath[scene.main].has(a)
    || scene.onPath[0].has(b) - scene.onPath[0].has(a) || nodes[b].total - nodes[a].total);

  function joined(node) {
    const parent = nodes[node.parent];
    if (!inWords || parent.id === 0 || parent.going.length !== 1) return false;
    return goesOn(parent.piece, node.piece, nodes[node.going[0]]?.piece);
  }

  const drawn = nodes.filter((node) => node.kept).sort((a, b) => a.step - b.step);
  for (const node of drawn) {
    const own = node.id && joined(node) ? byNode.get(node.parent) : {id: node.id, nodes: [], step: node.step};
    if (!own.nodes.length) items.push(own);
    own.nodes.push(node.id);
    own.last = node.step;
    byNode.set(node.id, own);
  }
  for (const item of items) {
    const pieces = item.nodes.map((id) => nodes[id].piece);
    item.labels = inWords ? pieces.map((_, i) => textOf(pieces.slice(0, i + 1)).trim()) : pieces.map(pieceLabel);
    // A fork inside a word leaves parts of words, which a dot shows.
    const parent = nodes[nodes[item.id].parent];
    const dot = inWords && parent?.id && goesOn(parent.piece, pieces[0], nodes[nodes[item.id].going[0]]?.piece) ? "·" : "";
    if (dot) item.labels = item.labels.map((label) => dot + label);
    if (!item.id) item.labels = ["start"];
    if (pieces[0] === "</s>") item.labels = [""];
    item.label = item.labels.at(-1);
    item.width = widthOf(item.label);
  }
  placeRows(scene, items, byNode, order);
  const closest = placeColumns(scene, items);
  const rows = Math.max(...items.map((item) => item.row)) + 1;
  const reach = (x) => Math.max(...items.map((item) => Math.max(x[item.last] + 8, x[item.step] + item.width))) + MARGIN;
  const apart = Math.max(1, Math.min(WIDEST, (room - 60) / (reach(closest) - 60)));
  const x = closest.map((place) => MARGIN + (place - MARGIN) * apart);
  const width = reach(x);
  return {items, byNode, x, y: (item) => TOP + ROW * item.row, width, height: TOP + ROW * rows - 14};
}

// The winner's path runs along the top, greedy's right below; every other branch takes the highest row that is free
// at its steps, and those that lead to an output come first.
function placeRows(scene, items, byNode, order) {
  const {nodes} = scene;
  const taken = []; // of each row: the steps that are
  const heads = [byNode.get(0)];
  const urgent = (item) => 2 * scene.onPath[0].has(item.id) + scene.leads.has(item.id);
  while (heads.length) {
    const most = Math.max(...heads.map(urgent));
    const place = heads.findLastIndex((item) => urgent(item) === most);
    const chain = heads.splice(place, 1);
    const side = [];
    for (;;) {
      const [next, ...others] = order(nodes[chain.at(-1).nodes.at(-1)].going).map((id) => byNode.get(id));
      side.push(...others.reverse());
      if (!next) break;
      chain.push(next);
    }
    const parent = nodes[chain[0].id].parent;
    const steps = [];
    for (let step = chain[0].step; step <= chain.at(-1).last; step++) steps.push(step);
    let row = parent >= 0 ? byNode.get(parent).row + 1 : 0;
    while (steps.some((step) => taken[row]?.has(step))) row++;
    while (taken.length <= row) taken.push(new Set());
    steps.forEach((step) => taken[row].add(step));
    for (const item of chain) item.row = row;
    heads.push(...side);
  }
}

function placeColumns(scene, items) {
  const rows = Map.groupBy ? Map.groupBy(items, (item) => item.row) : grouped(items);
  const behind = Array.from({length: scene.lastStep + 1}, () => []); // by the step of the later one
  for (const row of rows.values()) {
    row.sort((a, b) => a.step - b.step).forEach((item, i) => i && behind[item.step].push(row[i - 1]));
  }
  const x = [MARGIN];
  for (let step = 1; step <= scene.lastStep; step++) {
    const wanted = behind[step].map((before) => x[before.step] + before.width + GAP);
    x.push(Math.max(x[step - 1] + NARROWEST, ...wanted));
  }
  return x;
}

function grouped(items) {
  const rows = new Map();
  for (const item of items) rows.set(item.row, [...(rows.get(item.row) ?? []), item]);
  return rows;
}
