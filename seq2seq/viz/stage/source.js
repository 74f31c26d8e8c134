// The source above the tree: words as chips, or a photo's regions, lit by attention.

// `units`: of sourceUnits. `on`: {hover(unit or null), pick(unit)}. Returns light(weights, chosen) with a weight for each
// unit, or null.
function drawSource(box, scene, units, on) {
  const {source} = scene;
  const photo = source.kind === "photo";
  const cells = units.map(({name: label}, i) => {
    const cell = make("button", {type: "button", className: photo ? "region" : "chip"},
      ...(photo ? [] : [span("", "share"), make("span", {textContent: label, dir: "auto"})]));
    cell.addEventListener("pointerenter", () => on.hover(i));
    cell.addEventListener("pointerleave", () => on.hover(null));
    cell.addEventListener("focus", () => on.hover(i));
    cell.addEventListener("blur", () => on.hover(null));
    cell.addEventListener("click", () => on.pick(i));
    return cell;
  });
  if (photo) box.replaceChildren(photoOf(source, cells));
  else box.replaceChildren(make("div", {className: "chips", lang: scene.language ?? ""}, ...cells));

  return function light(weights, chosen) {
    const most = weights ? Math.max(...weights) : 0;
    cells.forEach((cell, i) => {
      const weight = weights?.[i] ?? 0;
      // A photo's weights are spread over many regions, so they are shown against the largest.
      const heat = photo ? weight / (most || 1) : weight;
      cell.style.setProperty("--heat", heat.toFixed(3));
      cell.classList.toggle("hot", heat >= 0.5);
      cell.setAttribute("aria-pressed", i === chosen);
      if (!photo) cell.firstChild.textContent = weight >= 0.05 ? percent(weight) : "\u00a0";
      cell.title = weights ? `${percent(weight)} of the attention` : "";
      cell.setAttribute("aria-label", weights ? `${units[i].name}, ${cell.title}` : units[i].name);
    });
  };
}

function photoOf(source, cells) {
  const frame = make("div", {className: "photo"});
  frame.style.aspectRatio = `${source.width} / ${source.height}`;
  if (source.thumbnail) frame.append(make("img", {src: `data:image/jpeg;base64,${source.thumbnail}`, alt: source.name}));
  const grid = make("div", {className: "regions"}, ...cells);
  grid.style.gridTemplateColumns = `repeat(${source.grid[1]}, 1fr)`;
  frame.append(grid);
  return frame;
}
