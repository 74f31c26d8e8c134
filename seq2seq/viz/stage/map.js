// A step of the model as a map: boxes in the order of computing, each opens to its values, down to one multiplication.

const exactly = (value) => {
  const size = Math.abs(value);
  const text = size && (size < 0.001 || size >= 1e6) ? value.toExponential(3) : value.toFixed(size < 10 ? 4 : 2);
  return text.replace(/-/g, "−");
};
const SIDES = [
  ["The encoder reads", ["embedding", "forward", "backward", "state"]], ["Attention looks", ["scores", "weights", "context"]],
  ["The decoder writes", ["input", "cell", "readout", "logits", "softmax"]],
];

function drawMap({written, open, boxes, closed, members = 1}) {
  const detail = make("div", {className: "detail", "aria-live": "polite"});
  let chosen = boxes.some((box) => box.name === open) ? open : boxes.at(-1).name;
  const buttons = new Map(boxes.map((box) => {
    const made = make("button", {type: "button", className: "box", disabled: Boolean(closed)}, make("b", {textContent: box.title, dir: "auto"}), ...(closed && box.labels.length ? [] : [strip(box.values, box.labels.length > 0)]));
    made.addEventListener("click", () => {
      chosen = box.name;
      show();
      if (innerWidth < 960) detail.scrollIntoView({block: "start"});
    });
    return [box.name, made];
  }));
  const sides = SIDES.map(([title, names]) => {
    const own = boxes.filter((box) => names.some((name) => box.name.replace(/\d+$/, "") === name));
    return own.length ? make("div", {className: "side"}, make("h4", {textContent: title}), ...own.map((box) => buttons.get(box.name))) : null;
  }).filter(Boolean);

  function show() {
    const box = boxes.find((each) => each.name === chosen);
    for (const [name, button] of buttons) {
      button.setAttribute("aria-pressed", name === chosen);
      button.classList.toggle("read", box.reads.includes(name));
    }
    detail.replaceChildren(...inside(box));
  }

  if (closed) return make("div", {className: "mapfigure"}, make("div", {className: "sides"}, ...sides), note("Each box opens once you have predicted."));
  show();
  return make("div", {className: "mapfigure"}, make("div", {className: "sides"}, ...sides), detail,
    note(`The map of the step that writes “${written}”. A box that the open one reads has a thick frame. Each figure is this step's own; h′ and c′ are of the step before.` + (members > 1 ? ` This is the first of ${members} decoders whose probabilities are averaged.` : "")));
}

// The first values as a row of cells, darker the larger.
function strip(values, all) {
  const most = Math.max(...values.map(Math.abs), 1e-9);
  const cells = values.slice(0, all ? values.length : 24).map((value) => {
    const cell = make("i", {title: exactly(value), className: value < 0 ? "minus" : ""});
    cell.style.setProperty("--heat", (Math.abs(value) / most).toFixed(3));
    return cell;
  });
  return make("span", {className: "values"}, ...cells, ...(values.length > cells.length ? [make("small", {textContent: `… ${values.length}`})] : []));
}

function inside(box) {
  const head = [make("h4", {textContent: box.title, dir: "auto"}), make("p", {className: "formula"}, make("code", {textContent: box.formula}), make("small", {textContent: box.source}))];
  const labelled = box.labels.length
    ? [make("dl", {className: "listed"}, ...box.labels.map((label, i) => make("div", {}, make("dt", {textContent: label, dir: "auto"}), make("dd", {textContent: exactly(box.values[i])}))))]
    : [make("details", {className: "all"}, make("summary", {textContent: `All ${box.values.length} values`}), make("p", {textContent: box.values.map(exactly).join("  ")}))];
  if (!box.units.length) return [...head, ...labelled];
  const body = make("div", {className: "unit"});
  const tabs = box.units.map((unit) => make("button", {type: "button", className: "plain switch", textContent: unit.name}));
  const pick = (i) => {
    tabs.forEach((tab, each) => tab.setAttribute("aria-pressed", each === i));
    body.replaceChildren(...box.units[i].steps.flatMap(computed));
  };
  tabs.forEach((tab, i) => tab.addEventListener("click", () => pick(i)));
  pick(0);
  const which = box.labels.length ? "How one of them comes about:" : "How one of them comes about; these are the largest:";
  return [...head, ...labelled, make("div", {className: "tabs"}, span(which, "note"), ...tabs), body];
}

// A weighted sum or a softmax, written out.
function computed(step) {
  if (step.kind === "share") {
    return [make("p", {className: "written"}, make("b", {textContent: step.name}), span(` = exp(${exactly(step.score)} − ${exactly(step.largest)}) / Σ exp(… − ${exactly(step.largest)}) = ${exactly(step.power)} / ${exactly(step.powers)} = `), make("strong", {textContent: exactly(step.result)})),
      note("The largest score is taken off all of them first: that changes no share, and no number gets too large.")];
  }
  const product = ([name, weight, value]) => make("tr", {}, make("th", {scope: "row", textContent: name, dir: "auto"}), make("td", {textContent: exactly(weight)}), make("td", {textContent: "×"}), make("td", {textContent: exactly(value)}), make("td", {textContent: "="}), make("td", {textContent: exactly(weight * value)}));
  const last = (name, value, className = "") => make("tr", {className}, make("th", {scope: "row", textContent: name}), make("td", {colSpan: 4}), make("td", {textContent: exactly(value)}));
  const rows = step.products.map(product);
  if (step.others) rows.push(last(`the other ${step.others} products`, step.rest));
  if (step.bias) rows.push(last("bias", step.bias));
  rows.push(last("sum", step.total, "total"));
  if (step.function) rows.push(last(step.function === "sigmoid" ? "σ(sum)" : "tanh(sum)", step.result, "total"));
  return [make("table", {className: "sum"}, make("caption", {textContent: step.name}), ...rows)];
}
