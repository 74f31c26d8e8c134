// The tree: drawn once; a step, a hover and a choice only change classes.

const SMALLEST = 0.74; // the scale below which the tree scrolls instead

// `on`: {pick(id, focus), hover(id or null), menu(id, rectangle)}. Returns what shows a step and lights nodes, and the svg.
function drawTree(box, scene, inWords, on) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `13.5px ${getComputedStyle(box).fontFamily}`;
  const layout = layOut(scene, inWords, (label) => pen.measureText(label).width, box.clientWidth);
  const {items, byNode, x, y} = layout;
  const {nodes} = scene;
  const band = draw("rect", {class: "band", y: 2, height: layout.height - 4, width: 22, rx: 8});
  const lines = draw("g");
  const dots = draw("g");
  const parts = new Map(); // of each node: its lines and its mark
  const groups = new Map(); // of each item: its element

  const weight = (node) => 1.2 + 7.5 * chance(node);
  const kinds = (id) => [
    ...(scene.onPath[scene.main].has(id) ? ["winner"] : []),
    ...(scene.main && scene.onPath[0].has(id) ? [scene.first] : []),
    ...(scene.onPath[2]?.has(id) ? ["sample"] : []),
  ];

  function line(node) {
    const [to, from] = [byNode.get(node.id), byNode.get(node.parent)];
    const [x1, x2, y1, y2] = [x[node.step - 1], x[node.step], y(from), y(to)];
    const bend = Math.min(34, (x2 - x1) * 0.8);
    const d = y1 === y2 ? `M${x1} ${y1}H${x2}`
      : `M${x1} ${y1}H${x2 - bend - 2}C${x2 - bend / 2} ${y1} ${x2 - bend / 2} ${y2} ${x2 - 2} ${y2}H${x2}`;
    const drawn = kinds(node.id);
    const wide = weight(node);
    return (drawn.length ? drawn : ["plain"]).map((kind, i) =>
      draw("path", {class: `edge ${kind}`, d, "stroke-width": Math.max(1.2, wide * (i ? 0.42 : 1)).toFixed(1)}));
  }

  function mark(item) {
    const kind = item.nodes.map((id) => kindOf(scene, nodes[id])).at(-1);
    const style = kind === "pruned" ? scene.first : kind; // kept by the first search alone
    const outline = {pruned: "kept"}[kind] ?? kind;
    const dot = shape(outline === "kept" && !alive(item) ? "dead" : outline, {
      transform: `translate(${x[item.step]} ${y(item)})`,
    });
    dot.classList.add(...kinds(item.id), style);
    const text = draw("text", {x: x[item.step] - 5, y: y(item) - 12, lang: scene.target ?? ""});
    const group = draw("g", {class: "node", role: "button", tabindex: "-1", "data-node": item.id},
      draw("rect", {
        class: "hit", x: x[item.step] - 9, y: y(item) - 27, rx: 7, height: 38,
        width: Math.max(18, x[item.last] - x[item.step] + 18, item.width + 10),
      }), dot, text);
    group.classList.add(...kinds(item.id));
    if (!alive(item)) group.classList.add("dead");
    const says = `${textTo(scene, item.nodes.at(-1)) || "start"}: ${statusWords(scene, nodes[item.nodes.at(-1)])}`;
    group.setAttribute("aria-label", says);
    group.addEventListener("click", () => on.pick(atStep(item), false));
    group.addEventListener("pointerenter", () => on.hover(atStep(item)));
    group.addEventListener("pointerleave", () => on.hover(null));
    group.addEventListener("focus", () => on.hover(atStep(item)));
    group.addEventListener("blur", () => on.hover(null));
    group.addEventListener("contextmenu", (event) => { event.preventDefault(); openMenu(item); });
    item.text = text;
    return group;
  }

  let now = 0;
  let shown = null; // the step that is drawn
  let seen = null; // the node that was chosen last
  let room, scale, wide; // of the box; the tree's; whether it is wider than the box
  const atStep = (item) => item.nodes.findLast((id) => nodes[id].step <= now) ?? item.id;
  const alive = (item) => item.nodes.some((id) => scene.leads.has(id));

  const later = (a, b) => kinds(a.id).length - kinds(b.id).length; // paths are drawn over plain branches
  for (const node of nodes.filter((each) => each.kept && each.id).sort(later)) {
    const drawn = line(node);
    if (!scene.leads.has(node.id)) drawn.forEach((each) => each.classList.add("dead"));
    parts.set(node.id, drawn);
    lines.append(...drawn);
  }
  for (const item of [...items].sort(later)) {
    groups.set(item.id, mark(item));
    dots.append(groups.get(item.id));
  }
  const openMenu = (item) => on.menu(atStep(item), groups.get(item.id).querySelector(".hit").getBoundingClientRect());
  const handle = draw("g", {class: "handle", role: "button", tabindex: "0", "aria-haspopup": "menu", "aria-label": "What if here"},
    draw("circle", {r: 9}), draw("path", {d: "M-4 0h.01M0 0h.01M4 0h.01"}));
  handle.addEventListener("click", () => openMenu(byNode.get(seen)));
  handle.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    openMenu(byNode.get(seen));
  });
  const svg = draw("svg", {viewBox: `0 0 ${layout.width} ${layout.height}`}, band, lines, dots, handle);
  const fork = scene.part ? price() : null;
  if (fork) dots.append(fork);
  box.replaceChildren(svg);
  fit();

  // The price stands under greedy's first word of its own.
  function price() {
    const item = byNode.get(scene.part.one);
    const gap = scene.part.price;
    const text = draw("text", {class: `price ${scene.first}`, x: x[item.step] - 5, y: y(item) + 17});
    text.textContent = `${times(gap)} ${gap >= 0 ? "likelier" : "less likely"} as the next word`;
    return text;
  }

  function fit() {
    room = box.clientWidth || layout.width;
    scale = Math.max(SMALLEST, Math.min(1.15, room / layout.width));
    svg.setAttribute("width", layout.width * scale);
    svg.setAttribute("height", layout.height * scale);
    wide = layout.width * scale > room + 1;
    fade();
  }

  function show(step) {
    // Most of a tree is as it was at the step before.
    const changed = (first, last) =>
      shown === null || (Math.min(shown, step) <= last && first <= Math.max(shown, step));
    now = step;
    band.setAttribute("x", x[step] - 11);
    if (fork) fork.style.display = step < scene.part.step ? "none" : "";
    band.style.display = step < scene.lastStep ? "" : "none"; // in the end all is told
    for (const [id, drawn] of parts) {
      const at = nodes[id].step;
      if (changed(at, at)) drawn.forEach((each) => each.classList.toggle("future", at > step));
    }
    for (const item of items) {
      if (!changed(item.step, item.last)) continue;
      groups.get(item.id).classList.toggle("future", item.step > step);
      item.text.textContent = item.step > step ? "" : item.labels[Math.min(step, item.last) - item.step];
    }
    shown = step;
    if (wide) box.scrollLeft = x[step] * scale - 0.7 * room; // which fades as well
  }

  // Where the tree goes on beyond the box, it fades.
  function fade() {
    box.classList.toggle("more-left", box.scrollLeft > 4);
    box.classList.toggle("more-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 4);
  }
  box.onscroll = fade;

  function bringIntoView(place) {
    if (place < box.scrollLeft + 20 || place > box.scrollLeft + room - 60) box.scrollLeft = place - 0.3 * room;
  }

  // chosen: a node; own: nodes on the way to what is looked at; lit: map of nodes to a weight, or null.
  function light(chosen, own, lit) {
    if (wide && chosen !== seen) bringIntoView(x[nodes[chosen].step] * scale);
    seen = chosen;
    placeHandle(byNode.get(chosen));
    for (const [id, drawn] of parts) drawn.forEach((each) => each.classList.toggle("own", own.has(id)));
    for (const item of items) {
      const group = groups.get(item.id);
      const isChosen = item.nodes.includes(chosen);
      group.setAttribute("aria-pressed", isChosen);
      group.setAttribute("tabindex", isChosen ? "0" : "-1");
      const heat = lit ? Math.max(...item.nodes.map((id) => lit.get(id) ?? 0)) : 0;
      group.classList.toggle("lit", heat >= 0.2);
    }
  }

  // At the upper right corner of the chosen node; what was pruned stands in the list alone.
  function placeHandle(item) {
    handle.style.display = item ? "" : "none";
    if (!item) return;
    const edge = groups.get(item.id).querySelector(".hit");
    const right = Number(edge.getAttribute("x")) + Number(edge.getAttribute("width"));
    handle.setAttribute("transform", `translate(${Math.min(right, layout.width - 10)} ${Number(edge.getAttribute("y")) + 2})`);
  }

  const focus = (id) => groups.get(byNode.get(id)?.id)?.focus({preventScroll: true});
  const rowsAt = (step) => items.filter((item) => item.step <= step && step <= item.last).sort((a, b) => a.row - b.row);
  return {svg, show, light, fit, focus, rowsAt, byNode, atStep, layout};
}
