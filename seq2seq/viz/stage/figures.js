// The small figures of lessons: chips, strips, tables, bars, heatmaps, things to pick, a beam by hand, pairs of photos.
// `see`: {shown, whether the truth is shown; picked, a Set of ids; pick(id) or null; answer, the ids that are right}.

const FIGURES = {
  chips: drawChips, strip: drawStrip, table: drawTable, bars: drawBars, heatmap: drawHeatmap, items: drawItems,
  hand: drawHand, photos: drawPhotos, map: drawMap, curves: drawCurves,
};

// A figure's element; the stage is drawn by the runner itself.
const drawFigure = (figure, see) => FIGURES[figure.kind](figure, see);

// What a figure shows before the answer: the photo, or the map without numbers; null for nothing.
function teaser(figure) {
  if (figure.kind === "photos") return drawPhotos(figure, {shown: false});
  if (figure.kind === "map") return drawMap({...figure, closed: true});
  return figure.picture ? drawPhotos({photos: [{name: "the photo", picture: figure.picture}]}, {shown: false}) : null;
}

// Something that can be picked before the truth is shown.
function pickable(element, id, label, see) {
  element.type = "button";
  element.disabled = !see.pick;
  element.dataset.pick = id;
  element.setAttribute("aria-pressed", see.picked.has(id));
  element.setAttribute("aria-label", label);
  if (see.shown && see.answer) {
    element.classList.toggle("truth", see.answer.includes(id));
    element.classList.toggle("missed", see.picked.has(id) && !see.answer.includes(id));
  }
  element.addEventListener("click", () => see.pick(id));
  return element;
}

function drawChips({groups, below}) {
  const words = groups.map((group) => make("span", {className: "group"}, ...group.map((chip) =>
    make("span", {className: "piece"}, make("b", {textContent: chip.text, dir: "auto"}), make("small", {textContent: chip.below})))));
  return make("div", {className: "chipfigure"}, make("div", {className: "groups"}, ...words), note(`Below each piece: its ${below}. A dot in front: no space comes before it.`));
}

const TONES = {forced: "R: the reference's", own: "O: its own", right: "right", wrong: "wrong", planted: "the planted mistake"};
// Characters of a strip before it goes on below, beside the text or under it.
const longestLine = () => (innerWidth < 960 ? (innerWidth - 170) / 9.5 : Math.min(80, (innerWidth - 620) / 10.3));

function drawStrip({rows, marked, coins}) {
  const aligned = rows.filter((row) => !row.free);
  const used = new Set(rows.flatMap((row) => row.cells.map((cell) => cell.tone)).filter(Boolean));
  const cell = ({text, tone}, place) => make("td", {className: `${tone ?? ""} ${place + 1 === marked ? "marked" : ""}`, dir: "auto", title: TONES[tone] ?? null},
    ...(coins && (tone === "forced" || tone === "own") ? [make("i", {className: `coin ${tone}`, textContent: tone === "forced" ? "R" : "O"})] : []), span(text));
  const tables = linesOf(aligned).map(([first, last]) => make("table", {className: "strip"},
    make("tr", {}, make("th", {textContent: "step"}), ...Array.from({length: last - first}, (_, i) => make("td", {className: "number", textContent: first + i + 1}))),
    ...aligned.map((row) => make("tr", {}, make("th", {scope: "row", textContent: row.name}), ...row.cells.slice(first, last).map((each, i) => cell(each, first + i))))));
  const free = rows.filter((row) => row.free).map((row) => make("p", {className: "line"}, make("small", {textContent: row.name}),
    make("span", {dir: "auto"}, ...row.cells.map(({text, tone}) => make("span", {className: `said ${tone ?? ""} ${/[\p{L}\p{N}]/u.test(text) ? "" : "sign"}`, textContent: text})))));
  const legend = [...used].map((tone) => make("span", {className: tone}, make("i", {}), span(TONES[tone])));
  return make("div", {className: "stripfigure scroll"}, ...tables, ...free, ...(legend.length ? [make("p", {className: "tones"}, ...legend)] : []));
}

// The steps of each line of a strip, from the first to the one after the last: as many as fit.
function linesOf(rows) {
  const most = Math.max(...rows.map((row) => row.cells.length), 0);
  const longest = longestLine();
  const lines = [];
  for (let place = 0, wide = Infinity; place < most; place++) {
    const own = Math.max(...rows.map((row) => row.cells[place]?.text.length ?? 0)) + 3;
    if (wide + own > longest) { lines.push([place, place]); wide = 0; }
    wide += own;
    lines.at(-1)[1] = place + 1;
  }
  return lines;
}

function drawTable({columns, rows, marked, above = []}) {
  const lines = above.map(([name, text]) => make("p", {className: "line"}, make("small", {textContent: name}), make("span", {className: "said", textContent: text, dir: "auto"})));
  const number = (text, i) => i > 0 && /^[<−\d.,% ]+$/.test(text);
  const heads = columns.map((name, i) => make("th", {scope: "col", textContent: name, className: rows.every((row) => number(row[i] || "0", i)) ? "number" : ""}));
  const body = rows.map((row, i) => make("tr", {className: marked.includes(i) ? "marked" : ""},
    ...row.map((text, column) => make("td", {textContent: text, dir: "auto", className: number(text, column) ? "number" : ""}))));
  const table = make("table", {className: "data"}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body));
  return make("div", {}, ...(lines.length ? [make("div", {className: "above"}, ...lines)] : []), make("div", {className: "scroll"}, table));
}

function drawBars({labels, series, unit, digits, marked}) {
  const most = Math.max(...series.flatMap((each) => each.values), 1e-9);
  const rows = labels.map((label, i) => make("div", {className: `barrow ${label === marked ? "marked" : ""}`}, make("span", {className: "name", textContent: label, dir: "auto"}),
    make("div", {className: "many"}, ...series.map(({name, values}, s) => {
      const fill = make("i", {className: "series0"});
      paint(fill, series[s]);
      fill.style.width = `${(86 * values[i]) / most}%`;
      return make("div", {className: "one", title: name}, fill, span(values[i].toFixed(digits)));
    }))));
  const legend = series.map((each) => make("span", {}, paint(make("i", {className: "series0"}), each), span(unit ? `${each.name}, ${unit}` : each.name)));
  return make("div", {className: "barfigure"}, ...rows, make("p", {className: "tones"}, ...legend));
}

// Gives a bar the colour that its series has on every page.
function paint(bar, {colour}) {
  if (colour) bar.style.background = `var(--${colour})`;
  return bar;
}

// Rows are written, columns are read. Before the truth is shown only the asked row can be picked in, without light.
function drawHeatmap({columns, rows, weights, asked, pads}, see) {
  const words = columns.slice(0, columns.length - pads);
  const head = make("tr", {}, make("td", {}), ...words.map((name) => make("th", {scope: "col"}, make("span", {textContent: name, dir: "auto"}))),
    ...(pads ? [make("th", {scope: "colgroup", colSpan: pads, className: "pad", textContent: `${columns.at(-1)} × ${pads}`})] : []));
  const lines = rows.map((name, r) => make("tr", {className: r === asked ? "asked" : ""}, make("th", {scope: "row", textContent: name, dir: "auto"}),
    ...columns.map((column, c) => {
      const weight = weights[r][c];
      const cell = make("td", {className: c < words.length ? "" : "pad", title: see.shown ? `“${name}” looks at “${column}”: ${percent(weight)}` : null});
      if (see.shown) cell.style.setProperty("--heat", weight.toFixed(3));
      const says = span(see.shown && weight >= 0.1 ? `${Math.round(100 * weight)}` : "");
      if (r !== asked || !see.answer) { cell.append(says); return cell; }
      cell.append(pickable(make("button", {}, says), `c${c}`, `${column}${see.shown ? `, ${percent(weight)}` : ""}`, see));
      return cell;
    })));
  return make("div", {className: "heatfigure"}, make("div", {className: "scroll"}, make("table", {className: "heat"}, make("thead", {}, head), make("tbody", {}, ...lines))),
    note(see.shown ? "Numbers are per cent of a row; below 10 they are left out. The stronger the colour, the more." : "The weights are hidden until you have answered."));
}

function drawItems({items, inline, shaded}, see) {
  const made = items.map(({id, text, marked, below}) => pickable(
    make("button", {className: `item ${see.shown && marked ? "kept" : ""}`}, make("b", {textContent: text, dir: "auto"}), ...(see.shown ? [make("small", {textContent: below})] : [])),
    id, see.shown ? `${text}, ${below}` : text, see));
  const list = make("div", {className: inline ? "items inline" : "items", role: "group", "aria-label": "Pick among these"}, ...made);
  return make("div", {}, list, ...(see.shown && shaded ? [note(`Shaded: ${shaded}.`)] : []));
}

// One step of a beam: each live beginning with its total, and what could follow.
function drawHand({rows, step, places}, see) {
  const groups = rows.map(({before, total, next}) => {
    const made = next.map((one) => pickable(
      make("button", {className: `candidate ${see.shown && one.kept ? "kept" : ""}`}, symbol(!see.shown ? "root" : one.kept ? "kept" : "pruned"), make("b", {textContent: one.text, dir: "auto"}),
        make("span", {className: "sum"}, ...(step > 1 ? [span(number(total)), span(" + "), span(number(one.log_prob))] : [span(number(one.log_prob))]),
          ...(see.shown && step > 1 ? [make("strong", {textContent: ` = ${number(one.total)}`})] : []))),
      one.id, `${before} ${one.text}, ${step > 1 ? `${number(total)} plus ` : ""}${number(one.log_prob)}${see.shown ? `, total ${number(one.total)}, ${one.kept ? "kept" : "pruned"}` : ""}`, see));
    return make("div", {className: "beginning"}, make("p", {}, make("b", {textContent: before || "⟨start⟩", dir: "auto"}), ...(step > 1 ? [make("small", {textContent: `total so far ${number(total)}`})] : [])), ...made);
  });
  return make("div", {className: "handfigure"}, make("div", {className: "beginnings"}, ...groups),
    note(`Step ${step}: ${places} of these are kept; what is not shown is less likely still. Numbers are rounded, so a last digit may be off by one.`));
}

function drawPhotos({photos, grid, weights}, see) {
  const made = (see.shown ? photos : photos.slice(0, 1)).map(({name, picture, text}) => make("figure", {},
    make("div", {className: "frame"}, make("img", {src: picture, alt: name})), make("figcaption", {}, make("small", {textContent: name}), ...(see.shown ? [make("span", {textContent: `“${text}”`})] : []))));
  return make("div", {className: "photofigure"}, ...made);
}

const WIDE = 640;
const HIGH = 300;

// Lines over the updates of a training, named where they end.
function drawCurves({lines, x, y}) {
  const all = lines.flatMap((line) => line.points);
  const [right, most] = [Math.max(...all.map((point) => point[0])), Math.max(...all.map((point) => point[1]), 1e-9)];
  const unit = 10 ** Math.floor(Math.log10(most));
  const top = Math.ceil(most / unit) * unit; // so that the axis has round numbers
  const at = ([update, value]) => [46 + ((WIDE - 180) * update) / right, HIGH - 30 - ((HIGH - 50) * value) / top];
  const picture = draw("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${y} over ${x}: ${lines.map((line) => `${line.name} ends at ${line.points.at(-1)[1].toFixed(1)}`).join(", ")}`});
  const label = (text, where, more = {}) => {
    const made = draw("text", {x: where[0], y: where[1], ...more});
    made.textContent = text;
    picture.append(made);
    return made;
  };
  for (const share of [0, 0.5, 1]) {
    const [, height] = at([0, top * share]);
    picture.append(draw("line", {class: "rule", x1: 46, x2: WIDE - 134, y1: height, y2: height}));
    label((top * share).toFixed(top < 10 ? 1 : 0), [40, height + 4], {"text-anchor": "end", class: "tick"});
  }
  label(`${right} ${x}`, [WIDE - 134, HIGH - 8], {"text-anchor": "end", class: "tick"});
  const ends = lines.map((line) => ({line, place: at(line.points.at(-1))})).sort((a, b) => a.place[1] - b.place[1]);
  ends.forEach((end, i) => (end.height = Math.max(end.place[1] + 4, i ? ends[i - 1].height + 17 : 0)));
  for (const {line, place, height} of ends) {
    const path = draw("path", {class: "curve", d: `M${line.points.map((point) => at(point).map((value) => value.toFixed(1)).join(" ")).join("L")}`});
    path.style.stroke = `var(--${line.colour})`;
    picture.append(path);
    label(line.name, [place[0] + 8, height], {class: "end"}).style.fill = `var(--${line.colour})`;
  }
  return make("div", {className: "curvefigure"}, make("p", {className: "note", textContent: y}), picture);
}
