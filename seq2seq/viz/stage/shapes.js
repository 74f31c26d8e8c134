// Elements and shapes. Texts reach the screen by textContent alone.

function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in element && name !== "list") element[name] = value;
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

const span = (textContent, className = "") => make("span", {textContent, className});
const note = (textContent) => make("p", {className: "note", textContent});

// Shapes tell what colours tell.
const STAR = Array.from({length: 10}, (_, i) => {
  const [angle, radius] = [(i * Math.PI) / 5, i % 2 ? 3.6 : 8];
  return `${(radius * Math.sin(angle)).toFixed(1)} ${(-radius * Math.cos(angle)).toFixed(1)}`;
});
const CIRCLE = "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z";
const OUTLINES = {
  root: "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0Z", kept: CIRCLE, dead: CIRCLE, finished: "M-5-5H5V5H-5Z",
  winner: `M${STAR.join("L")}Z`, pruned: "M-4.5-4.5L4.5 4.5M4.5-4.5L-4.5 4.5",
};
const shape = (kind, place = {}) => draw("path", {class: `shape ${kind}`, d: OUTLINES[kind], ...place});
const symbol = (kind) =>
  draw("svg", {class: "symbol", viewBox: "-8 -8 16 16", "aria-hidden": "true"}, shape(kind));

const ICONS = {
  first: "M5 5h2v14H5zM19 5v14L8 12z", previous: "M17 5v14L6 12z", next: "M7 5v14l11-7z",
  last: "M17 5h2v14h-2zM5 5v14l11-7z", play: "M7 4.5v15l12.5-7.5z", pause: "M6 5h4v14H6zM14 5h4v14h-4z",
};
const icon = (name) => draw("svg", {viewBox: "0 0 24 24", "aria-hidden": "true"}, draw("path", {d: ICONS[name]}));
