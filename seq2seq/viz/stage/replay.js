// The page around the stage: everything is in this file, and nothing is fetched.

const held = JSON.parse(document.getElementById("searches").textContent);
document.title = `${held.searches[0].trace.source.text ?? held.searches[0].trace.source.name} – search replay`;
document.getElementById("source").textContent = held.searches[0].trace.source.text ?? held.searches[0].trace.source.name;
for (const {name, trace} of held.searches) {
  const file = held.searches.length > 1 ? `${name.split(" ")[0].toLowerCase()}-trace.json` : "trace.json";
  document.getElementById("downloads").append(make("a", {
    className: "plain", textContent: held.searches.length > 1 ? `Download ${name}'s trace (JSON)` : "Download the trace (JSON)",
    href: URL.createObjectURL(new Blob([JSON.stringify(trace)], {type: "application/json"})), download: file,
  }));
}
makeStage(document.getElementById("stage"), () => {}).update({...held, keys: true, step: 1});
