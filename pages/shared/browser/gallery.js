// Photos to click, in titled groups.

function mount({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector(".gallery");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  const element = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  root.replaceChildren(...data.groups.map(({title, photos}) => element("section", {},
    element("small", {textContent: title}),
    element("div", {className: "row"}, ...photos.map(({name, says, source}) => {
      const button = element("button", {type: "button", title: says, ariaPressed: name === data.chosen},
        element("img", {src: source, alt: says}));
      button.addEventListener("click", () => setTriggerValue("chosen", {name, at: Date.now()}));
      return button;
    })))));
}
