// The input line: Enter submits, Shift+Enter breaks the line. It grows with its text.

const lines = new WeakMap();

function mount({data, parentElement, setTriggerValue}) {
  if (!lines.has(parentElement)) lines.set(parentElement, makeLine(parentElement, setTriggerValue));
  lines.get(parentElement)(data);
  return () => lines.delete(parentElement);
}

function makeLine(parent, tell) {
  const root = parent.querySelector(".line");
  const field = root.querySelector("textarea");
  const button = root.querySelector("button");
  let shown = null; // what Python last said

  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 190)}px`;
  };
  const submit = () => {
    root.classList.add("busy");
    button.textContent = "Working …";
    tell("submit", {text: field.value, at: Date.now()});
    field.blur();
  };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    event.stopPropagation(); // no shortcut of the page is meant
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  button.addEventListener("click", submit);

  return function update({text, label, placeholder, language, verb, round}) {
    root.classList.remove("busy");
    button.textContent = verb;
    field.setAttribute("aria-label", label);
    field.placeholder = placeholder;
    field.lang = language;
    if (`${round} ${text}` !== shown) field.value = text;
    shown = `${round} ${text}`;
    requestAnimationFrame(grow);
  };
}
