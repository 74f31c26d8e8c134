// The stage in a page; one player for each place, since this is called again whenever its data change.

const stages = new WeakMap();

function mount({data, parentElement, setTriggerValue}) {
  if (!stages.has(parentElement)) {
    const root = parentElement.querySelector("section");
    stages.set(parentElement, {root, player: makeStage(root, setTriggerValue), asked: data.asked});
  }
  const held = stages.get(parentElement);
  const {root, player} = held;
  if (data.asked && data.asked !== held.asked) bringIntoView(".st-key-answer > *", 40);
  held.asked = data.asked;
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  player.update(data);
  return () => {
    player.destroy();
    stages.delete(parentElement);
  };
}

// Scrolls to what the server is about to draw out of sight.
function bringIntoView(selector, tries) {
  const found = document.querySelector(selector);
  if (found) found.scrollIntoView({block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
  else if (tries) setTimeout(() => bringIntoView(selector, tries - 1), 50);
}
