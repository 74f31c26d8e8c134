// Buttons that save a Plotly figure of the page as a picture, by Plotly's own export.

function mount({data, parentElement}) {
  const box = parentElement.querySelector(".picture");
  for (const [name, value] of Object.entries(data.colours)) box.style.setProperty(name, value);
  box.replaceChildren(...["svg", "png"].map((format) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `Picture (${format.toUpperCase()})`;
    button.addEventListener("click", () => save(data.figure, format));
    return button;
  }));
}

function save(key, format) {
  const figure = document.querySelector(`.st-key-${key} .js-plotly-plot`);
  if (!figure) return;
  Object.assign(figure._context.toImageButtonOptions, {format, scale: format === "svg" ? 1 : 2});
  figure.querySelector('.modebar-btn[data-title*="ownload"]').click();
}
