// A photo for each word of a caption, as large as fits, darker where the model does not look.

function mount({data, parentElement}) {
  const root = parentElement.querySelector(".film");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  root.style.setProperty("--shape", `${data.size[0]} / ${data.size[1]}`);
  root.setAttribute("role", "list");
  const element = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  root.replaceChildren(...data.words.map(({word, weights, says}) => {
    const figure = element("figure", {role: "listitem", title: says},
      element("figcaption", {textContent: word, lang: "en"}),
      element("div", {className: "shot"}, element("img", {src: data.picture, alt: says}), veil(weights, data)));
    return figure;
  }));
}

// One pixel a region; the browser blurs one region's light into the next as it enlarges them.
function veil(weights, {grid: [rows, columns], darkest}) {
  const canvas = Object.assign(document.createElement("canvas"), {width: columns, height: rows});
  const pen = canvas.getContext("2d");
  const most = Math.max(...weights) || 1;
  weights.forEach((weight, i) => {
    pen.fillStyle = `rgb(0 0 0 / ${(darkest * (1 - weight / most)).toFixed(3)})`;
    pen.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  return canvas;
}
