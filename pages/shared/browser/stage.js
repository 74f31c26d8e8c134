// The stage in a page; one player for each place, since this is called again whenever its data change.

const stages = new WeakMap();

export default function ({data, parentElement, setTriggerValue}) {
  if (!stages.has(parentElement)) {
    const root = parentElement.querySelector("section");
    stages.set(parentElement, {root, player: makeStage(root, setTriggerValue)});
  }
  const {root, player} = stages.get(parentElement);
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  player.update(data);
  return () => {
    player.destroy();
    stages.delete(parentElement);
  };
}
