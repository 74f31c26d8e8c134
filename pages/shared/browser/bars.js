// Bars of shares that are dragged: the others make room, so that they always add up to 1.

const SEND_EVERY = 200; // milliseconds, while a bar is dragged
const editors = new WeakMap();

function mount({data, parentElement, setTriggerValue}) {
  const box = parentElement.querySelector(".bars");
  for (const [name, value] of Object.entries(data.colours)) box.style.setProperty(name, value);
  if (!editors.has(parentElement)) editors.set(parentElement, makeBars(box, (shares, place, at) => setTriggerValue("shares", {shares, place, at})));
  editors.get(parentElement).update(data);
}

// Returns the shares after one of them was set: the others keep their proportions.
function moved(shares, place, share) {
  const rest = shares.reduce((sum, each, i) => (i === place ? sum : sum + each), 0);
  const others = shares.length - 1;
  return shares.map((each, i) => {
    if (i === place) return others ? share : 1;
    return (1 - share) * (rest > 1e-9 ? each / rest : 1 / others);
  });
}

function makeBars(box, tell) {
  let names = [], shares = [], rows = [], held = null, sent = 0, timer = 0, newest = 0;

  function update(data) {
    const others = names.join("\n") !== data.names.join("\n");
    if (!others && (held !== null || data.at < newest)) return; // what was dragged since is newer than this answer
    shares = [...data.shares];
    if (others) {
      names = data.names;
      rows = names.map((name, place) => row(name, place, data.language));
      box.replaceChildren(...rows.map((each) => each.line));
    }
    data.own.forEach((own, i) => (rows[i].mark.style.left = `${100 * own}%`));
    draw();
  }

  function row(name, place, language) {
    const element = (tag, className) => Object.assign(document.createElement(tag), {className});
    const [line, label, track, fill, mark, value] = ["div", "span", "div", "i", "b", "span"].map((tag, i) =>
      element(tag, ["line", "name", "track", "fill", "mark", "value"][i]));
    label.textContent = name;
    label.lang = language;
    Object.assign(track, {tabIndex: 0, role: "slider", ariaLabel: `Weight of ${name}`, ariaValueMin: "0", ariaValueMax: "100"});
    mark.title = "the model's own weight";
    track.append(fill, mark);
    line.append(label, track, value);
    const at = (event) => {
      const {left, width} = track.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - left) / width));
    };
    track.addEventListener("pointerdown", (event) => { held = place; track.setPointerCapture(event.pointerId); set(place, at(event)); });
    track.addEventListener("pointermove", (event) => { if (held === place) set(place, at(event)); });
    for (const name of ["pointerup", "pointercancel"]) track.addEventListener(name, () => { if (held === place) { held = null; send(place); } });
    track.addEventListener("keydown", (event) => {
      const by = {ArrowRight: 0.05, ArrowUp: 0.05, ArrowLeft: -0.05, ArrowDown: -0.05}[event.key];
      const to = by ? shares[place] + by : {Home: 0, End: 1}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation(); // the page's own arrow keys step
      set(place, Math.max(0, Math.min(1, to)));
    });
    return {line, track, fill, mark, value};
  }

  function set(place, share) {
    shares = moved(shares, place, share);
    newest = Date.now();
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => send(place), Math.max(0, sent + SEND_EVERY - Date.now()));
  }

  function send(place) {
    clearTimeout(timer);
    sent = Date.now();
    tell(shares, place, newest);
  }

  function draw() {
    rows.forEach(({track, fill, value}, i) => {
      const percent = `${Math.round(100 * shares[i])} %`;
      fill.style.width = `${100 * shares[i]}%`;
      value.textContent = percent;
      track.ariaValueNow = `${Math.round(100 * shares[i])}`;
      track.ariaValueText = percent;
    });
  }

  return {update};
}
