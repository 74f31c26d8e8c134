// Several searches of one source as one tree: nodes with the same tokens behind them are one node.
// Made from Traces alone; nothing here touches the screen.

// `searches`: [{name, kind, trace}]; the first two are compared: greedy and beam, or before and after an edit. Returns the scene that everything is drawn from.
function makeScene(searches) {
  const nodes = [{id: 0, parent: -1, step: 0, token: -1, piece: "<s>", logProb: 0, children: [], of: new Map()}];
  const known = new Map();
  searches.forEach(({trace}, search) => addTrace(nodes, known, trace, search));
  const main = searches.length > 1 ? 1 : 0; // the beam, where there are two
  const paths = searches.map(({trace}, search) => {
    const leaf = nodes.find((node) => node.of.get(search) === trace.hypotheses[0].leaf);
    return pathTo(nodes, leaf.id);
  });
  const scene = {
    searches, nodes, paths, main,
    first: searches[0].kind === "before" ? "before" : "greedy", // the class of the first path, if there are two
    trace: searches[main].trace,
    source: searches[main].trace.source,
    lastStep: Math.max(...searches.map(({trace}) => trace.stop.steps)),
    onPath: paths.map((path) => new Set(path)),
  };
  for (const node of nodes) {
    node.kept = [...node.of].some(([search, at]) => searches[search].trace.nodes.status[at] !== "pruned");
  }
  for (const node of nodes) node.going = node.children.filter((child) => nodes[child].kept);
  scene.part = partOf(scene);
  scene.leads = leading(scene);
  return scene;
}

// The nodes on the way to an output or to what was still open at the end.
function leading(scene) {
  const leads = new Set([0]);
  for (const node of scene.nodes) {
    if (!node.kept || node.going.length || (endOf(scene, node)?.why ?? "open") !== "open") continue;
    for (let id = node.id; !leads.has(id); id = scene.nodes[id].parent) leads.add(id);
  }
  return leads;
}

function addTrace(nodes, known, trace, search) {
  const {parent, step, token, piece, log_prob: logProb, total} = trace.nodes;
  const mine = [0];
  nodes[0].of.set(search, 0);
  for (let at = 1; at < step.length; at++) {
    const above = mine[parent[at]];
    const key = `${above} ${token[at]}`;
    let node = nodes[known.get(key)];
    if (!node) {
      node = {
        id: nodes.length, parent: above, step: step[at], token: token[at], piece: piece[at],
        logProb: logProb[at], total: total[at], children: [], of: new Map(),
      };
      known.set(key, node.id);
      nodes.push(node);
      nodes[above].children.push(node.id);
    }
    node.of.set(search, at);
    mine[at] = node.id;
  }
}

function pathTo(nodes, id) {
  const path = [];
  for (; id > 0; id = nodes[id].parent) path.push(id);
  return path.reverse();
}

const piecesTo = (scene, id) => pathTo(scene.nodes, id).map((each) => scene.nodes[each].piece);
const textTo = (scene, id) => textOfPath(piecesTo(scene, id));
const chance = (node) => Math.exp(node.logProb);

// A value of a node in the trace of the main search, or else of the first that has it.
function valueOf(scene, node, column) {
  const search = node.of.has(scene.main) ? scene.main : [...node.of.keys()][0];
  return scene.searches[search].trace.nodes[column][node.of.get(search)];
}

// pruned, kept, finished or winner; in the main search if it knows the node.
function kindOf(scene, node) {
  if (!node.id) return "root";
  const leaf = scene.paths[scene.main].at(-1);
  return node.id === leaf ? "winner" : valueOf(scene, node, "status");
}

// Attention over the source's pieces and entropy when `node` was written, of its parent's state; null if not recorded.
function attentionAt(scene, node) {
  if (node.parent < 0) return null;
  const parent = scene.nodes[node.parent];
  for (const search of [scene.main, ...parent.of.keys()]) {
    const {expanded} = scene.searches[search].trace;
    const row = expanded.node.indexOf(parent.of.get(search));
    if (row < 0) continue;
    return {weights: expanded.attention?.[row] ?? null, entropy: expanded.entropy[row]};
  }
  return null;
}

// What the source is shown as: words or pieces of a sentence, regions of a photo.
function sourceUnits(source, inWords) {
  if (source.kind === "photo") {
    return Array.from({length: source.grid[0] * source.grid[1]}, (_, i) => ({name: `region ${i + 1}`, pieces: [i, i + 1]}));
  }
  if (!inWords) return source.pieces.map((piece, i) => ({name: pieceLabel(piece), pieces: [i, i + 1]}));
  const edges = [...source.starts, source.pieces.length];
  return source.words.map((word, i) => ({name: word === "</s>" ? "⟨end⟩" : word, pieces: [edges[i], edges[i + 1]]}));
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

// Where the outputs of the first search and of the main one part; null if they are the same.
function partOf(scene) {
  if (scene.searches.length < 2) return null;
  return difference(scene, scene.paths[0].at(-1), scene.paths[scene.main].at(-1));
}

// What tells two paths apart: the last node they share, what each takes there, and the prices.
function difference(scene, one, other) {
  const [left, right] = [pathTo(scene.nodes, one), pathTo(scene.nodes, other)];
  let shared = 0;
  while (shared < left.length && left[shared] === right[shared]) shared++;
  if (shared === left.length || shared === right.length) return null;
  const [a, b] = [scene.nodes[left[shared]], scene.nodes[right[shared]]];
  return {
    at: shared ? left[shared - 1] : 0,
    step: a.step,
    one: a.id,
    other: b.id,
    price: a.logProb - b.logProb, // what the second gives up there
    whole: scene.nodes[other].total - scene.nodes[one].total, // what it has won in the end
  };
}

// Why nothing follows a kept node that is not finished: null if something does.
function endOf(scene, node) {
  const {nodes, searches} = scene;
  if (!node.id || node.going.length || kindOf(scene, node) !== "kept") return null;
  const search = node.of.has(scene.main) ? scene.main : [...node.of.keys()][0];
  const {trace} = searches[search];
  if (node.step >= trace.stop.steps) return {why: "open"};
  const {step, status, total} = trace.nodes;
  const next = step.flatMap((at, n) => (at === node.step + 1 && status[n] !== "pruned" ? [total[n]] : []));
  const own = node.children.map((child) => nodes[child]).filter((child) => child.of.has(search));
  if (!next.length || !own.length) return {why: "unrecorded", step: node.step + 1};
  const best = own.reduce((a, b) => (a.total > b.total ? a : b));
  return {why: "dropped", step: node.step + 1, behind: Math.min(...next) - best.total, place: next.length};
}
