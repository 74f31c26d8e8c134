// A step of the model as a map, in a page.

function mount({data, parentElement}) {
  const root = parentElement.querySelector("section");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  root.replaceChildren(drawMap(data.figure));
}
