// The tree as a picture to save, with its sentence and the verdict above it.

const KEPT_STYLES = [
  "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "opacity", "font-family", "font-size",
  "font-weight", "paint-order", "display",
];

function pictureOf(root, scene, tree) {
  const copy = tree.svg.cloneNode(true);
  const [own, others] = [tree.svg, copy].map((svg) => [svg, ...svg.querySelectorAll("*")]);
  own.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of KEPT_STYLES) others[i].style.setProperty(name, style.getPropertyValue(name));
  });
  const {width, height} = tree.layout;
  const style = getComputedStyle(root);
  const head = 66;
  const line = (textContent, y, size, weight) => {
    const text = draw("text", {
      x: 18, y, "font-size": size, "font-weight": weight, fill: style.color, "font-family": style.fontFamily,
    });
    text.textContent = textContent;
    return text;
  };
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `14px ${style.fontFamily}`;
  const says = verdict(scene).map(([text]) => text).join("");
  const wide = Math.ceil(Math.max(width, pen.measureText(says).width + 36));
  copy.setAttribute("y", head);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const page = style.getPropertyValue("--page").trim();
  return draw("svg", {
    xmlns: "http://www.w3.org/2000/svg", width: wide, height: height + head, viewBox: `0 0 ${wide} ${height + head}`,
  }, draw("rect", {width: wide, height: height + head, fill: page}),
  line(scene.source.text ?? scene.source.name, 28, 17, 650), line(says, 52, 14, 400), copy);
}

async function savePicture(root, scene, tree, kind) {
  const svg = pictureOf(root, scene, tree);
  const text = new XMLSerializer().serializeToString(svg);
  const vector = new Blob([text], {type: "image/svg+xml"});
  save(kind === "svg" ? vector : await raster(svg, text), `search.${kind}`);
}

async function raster(svg, text) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", {width: 2 * svg.getAttribute("width"), height: 2 * svg.getAttribute("height")});
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function save(blob, name) {
  const link = make("a", {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
