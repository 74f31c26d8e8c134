// A lesson in a page; one runner for each place, since this is called again whenever its data change.

const runners = new WeakMap();

function mount({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector("section");
  if (!runners.has(parentElement)) runners.set(parentElement, makeLesson(root, setTriggerValue));
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  const runner = runners.get(parentElement);
  runner.update(data);
  return () => {
    runner.destroy();
    runners.delete(parentElement);
  };
}
