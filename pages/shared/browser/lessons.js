// The list of lessons: a card for each, with what was predicted in it so far.

function mount({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector(".lessons");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  const part = (tag, text, className = "") => Object.assign(document.createElement(tag), {textContent: text, className});
  root.replaceChildren(...data.lessons.map(({name, title, summary, minutes, asked, answers}, place) => {
    const button = document.createElement("button");
    button.type = "button";
    const dots = part("span", "", "dots");
    dots.setAttribute("aria-label", `${Object.values(answers).filter(Boolean).length} of ${asked.length} predictions right`);
    dots.setAttribute("role", "img");
    dots.append(...asked.map((step) => part("i", step in answers ? (answers[step] ? "✓" : "✗") : "", step in answers ? (answers[step] ? "right" : "wrong") : "")));
    const foot = part("span", "", "foot");
    foot.append(dots, part("small", `${minutes} min`));
    button.append(part("b", `${place + 1}. ${title}`), part("span", summary, "summary"), foot);
    button.addEventListener("click", () => setTriggerValue("open", {name, at: Date.now()}));
    return button;
  }));
}
