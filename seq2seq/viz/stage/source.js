// The source above the tree: words as chips, or a photo's regions, lit by attention.

// `units`: of sourceUnits. `on`: {hover(unit or null), pick(unit)}. Returns light(weights, chosen) with a weight for each
// unit, or null.
function drawSource(box, scene, units, on) {
  const {source} = scene;
  const photo = source.kind === "photo";
  const cells = units.map(({name: label}, i) => {
    const cell = make("button", {type: "button", className: photo ? "region" : "chip"},
      ...(photo ? (scene.numbers ? [span(`${i + 1}`, "number")] : []) : [span("", "share"), make("span", {textContent: label, dir: "auto"})]));
    cell.addEventListener("pointerenter", () => on.hover(i));
    cell.addEventListener("pointerleave", () => on.hover(null));
    cell.addEventListener("focus", () => on.hover(i));
    cell.addEventListener("blur", () => on.hover(null));
    cell.addEventListener("click", () => on.pick(i));
    return cell;
  });
  const picture = photo ? photoOf(scene, cells) : null;
  if (photo) box.replaceChildren(picture.frame);
  else box.replaceChildren(make("div", {className: "chips", lang: scene.language ?? ""}, ...cells));

  return function light(weights, chosen) {
    const most = weights ? Math.max(...weights) : 0;
    picture?.shade(weights, most);
    cells.forEach((cell, i) => {
      const weight = weights?.[i] ?? 0;
      // A photo's weights are spread over many regions, so they are shown against the largest.
      const heat = photo ? weight / (most || 1) : weight;
      cell.style.setProperty("--heat", heat.toFixed(3));
      cell.setAttribute("aria-pressed", i === chosen);
      if (!photo) cell.firstChild.textContent = weight >= 0.05 ? percent(weight) : "\u00a0";
      cell.title = weights ? `${percent(weight)} of the attention` : "";
      cell.setAttribute("aria-label", weights ? `${units[i].name}, ${cell.title}` : units[i].name);
    });
  };
}

// The photo, darker where the model does not look; the browser blurs one region's light into the next.
function photoOf({source, picture}, cells) {
  const [rows, columns] = source.grid;
  const veil = make("canvas", {className: "veil", width: columns, height: rows});
  const pen = veil.getContext("2d");
  const grid = make("div", {className: "regions"}, ...cells);
  grid.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  const frame = make("div", {className: "photo"}, veil, grid);
  frame.style.setProperty("--wide", source.width);
  frame.style.setProperty("--high", source.height);
  const shown = picture || (source.thumbnail && `data:image/jpeg;base64,${source.thumbnail}`);
  if (shown) frame.prepend(make("img", {src: shown, alt: `The photo ${source.name}`}));

  function shade(weights, most) {
    pen.clearRect(0, 0, columns, rows);
    if (!weights) return;
    weights.forEach((weight, i) => {
      pen.fillStyle = `rgb(0 0 0 / ${(DARKEST * (1 - weight / (most || 1))).toFixed(3)})`;
      pen.fillRect(i % columns, Math.floor(i / columns), 1, 1);
    });
  }
  return {frame, shade};
}

const DARKEST = 0.75; // where nobody looks
