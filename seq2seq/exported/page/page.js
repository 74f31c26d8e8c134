// The page: what is typed goes to the engine, and what comes back onto the stage.

const part = (id) => document.getElementById(id);
const about = JSON.parse(part("about").textContent);
const heldText = (id) => { // read once, so that megabytes of text do not stay in the page
  const element = part(id);
  const text = element.textContent;
  element.remove();
  return text;
};
const client = makeClient({models: about.models.map(({id}) => heldText(id)), code: heldText("kernels"), which: new URLSearchParams(location.search).get("products") ?? undefined});
const stage = makeStage(part("stage"), (name, value) => ({force: forced, undo: undone})[name]?.(value));

let model = about.models[0];
let turn = 0; // of the last text; what an older one still brings is left out
let calls = []; // of the last text, to be stopped
let found = []; // by sentence: {source, text, lost, greedy, beam, sample}, the last three traces
let at = 0;
let view = 0; // of what is on the stage; what was asked of another view is left out
let edits = [];
let asked = Promise.resolve(); // forced words and Undo, one after the other
let first = true;
const typed = {}; // by direction
const SLOW = 250; // milliseconds, after which it is said that something is computed

// For tests, and for whoever puts this page into another one.
window.translate = (text, options = {}) => client.ready.then(() => client.call("translate", options?.direction, text, options));

function call(...given) {
  const made = client.call(...given);
  calls.push(made);
  return made;
}

function halt() {
  client.stop(calls);
  calls = [];
  busy(false);
  return ++turn;
}

let waiting = 0;
// Says that something is computed, once it takes a while; until then what was there stays as it is.
function busy(is, says = "Translating …") {
  clearTimeout(waiting);
  document.body.classList.remove("busy");
  part("stop").hidden = true;
  if (is) {
    waiting = setTimeout(() => {
      document.body.classList.add("busy");
      part("state").textContent = says;
      part("stop").hidden = false;
    }, SLOW);
  }
}

async function run(text) {
  const own = halt();
  const stale = () => own !== turn;
  say("");
  const {direction} = model;
  typed[direction] = text;
  if (!text.trim()) return fail("There is nothing to translate; type a sentence.");
  busy(true);
  try {
    const {sentences, split} = await call("plan", direction, text.trim());
    const fresh = []; // until the first one is there, the last text's stay on the stage
    for (const sentence of sentences) {
      if (stale()) return;
      const one = await searched(direction, sentence);
      if (stale()) return;
      fresh.push(one);
      found = fresh;
      // What is copied has nothing to show.
      if (fresh.length === 1 || (!found[at].beam && one.beam)) show(fresh.length - 1, true);
      list(sentences.length);
      answer();
    }
    const remarks = await remark(direction, text, split);
    if (stale()) return;
    busy(false);
    part("state").textContent = remarks;
  } catch (problem) {
    if (!stale()) fail(problem.message);
  }
}

// A text that can't be translated: nothing of the last one stays.
function fail(problem) {
  busy(false);
  found = [];
  view++;
  for (const id of ["stage", "more", "sentences", "answer", "copy"]) part(id).hidden = true;
  say(problem);
}

function answer() {
  const text = found.map((each) => each.text).join(" ");
  part("answer").lang = model.target;
  part("answer").textContent = text;
  for (const id of ["answer", "copy"]) part(id).hidden = !text;
}

// A sentence's searches; those of a copied one have no traces.
async function searched(direction, sentence) {
  const {beam, alpha, ...others} = options();
  const [greedy, best, sample] = await Promise.all([
    call("translate", direction, sentence, {beam_size: 1}),
    call("translate", direction, sentence, {beam_size: beam, alpha}),
    others.sample ? call("translate", direction, sentence, others) : null,
  ]);
  const {text, sentences: [one]} = best;
  return {source: sentence, text, lost: one.lost, greedy: greedy.trace, beam: best.trace, sample: sample?.trace ?? null};
}

const options = () => ({
  beam: Number(part("beam").value), alpha: Number(part("alpha").value), sample: part("sample").checked,
  temperature: Number(part("temperature").value), seed: Number(part("seed").value),
});

// What is no number becomes the field's own again, what is too large or too small the nearest that is possible.
function correct(field) {
  if (field.type !== "number") return;
  const value = field.value === "" ? Number(field.defaultValue) : Number(field.value);
  const near = Math.min(Math.max(value, Number(field.min)), Number(field.max));
  field.value = field.step === "1" ? Math.round(near) : near;
}

function show(place, play = false) {
  at = place;
  edits = [];
  const {greedy, beam, sample} = found[at];
  view++;
  part("stage").hidden = !beam;
  part("more").hidden = !beam;
  if (!beam) return;
  const searches = [{name: "Greedy", kind: "search", trace: greedy}, {name: nameOf(beam), kind: "search", trace: beam}];
  if (sample) searches.push({name: "Sample", kind: "search", trace: sample});
  draw(searches, play && !first);
  first = false;
  below(beam);
}

const nameOf = (trace) => (trace.options.mode.kind === "beam" ? `Beam ${trace.options.mode.size}` : "Beam 1");

function draw(searches, play) {
  stage.update({id: `${view} ${edits.length} ${Date.now()}`, searches, keys: true, play, language: model.source, target: model.target, force: true, undo: edits.length > 0});
}

const below = (trace) => part("more").replaceChildren(...[nBest(trace), attentionOf(trace)].filter(Boolean));

// What if: the beam before and after a forced beginning.
function forced({tokens, word}) {
  whatIf(async (source) => {
    const behind = word ? await call("typed", model.direction, source, tokens, word) : [];
    return [...edits, {parent: edits.length, prefix: [...tokens, ...behind], whole_word: Boolean(word), attention: [], name: ""}];
  });
}

const undone = () => whatIf(() => edits.slice(0, -1));

// Makes the edits that `wanted` returns those on the stage, when what was asked before is done; nothing if by then
// something else is there.
function whatIf(wanted) {
  const [ownView, ownTurn] = [view, turn];
  const stale = () => ownView !== view || ownTurn !== turn || !found[at];
  asked = asked.then(async () => {
    if (stale()) return;
    say("");
    busy(true, "Searching …");
    try {
      const next = await wanted(found[at].source);
      const searches = next.length ? await comparison(found[at], next) : null;
      if (stale()) return;
      edits = next;
      if (!searches) return show(at);
      draw(searches, false);
      below(searches[1].trace);
      part("stage").querySelector(".verdict .plain")?.focus({preventScroll: true}); // Undo
    } catch (problem) {
      if (!stale()) say(problem.message);
    } finally {
      if (ownTurn === turn) busy(false);
    }
  });
}

async function comparison({source, beam: plain}, next) {
  const {beam, alpha} = options();
  const traceWith = async (some) => (some.length
    ? (await call("translate", model.direction, source, {beam_size: beam, alpha, edits: some})).trace : plain);
  const [before, now] = await Promise.all([traceWith(next.slice(0, -1)), traceWith(next)]);
  return [{name: "Before", kind: "before", trace: before}, {name: "With what is forced", kind: "search", trace: now}];
}

// Several sentences: each with its translation, to be chosen.
function list(count) {
  const box = part("sentences");
  box.hidden = count < 2;
  box.replaceChildren(...found.map(({source, text}, i) => {
    const made = make("button", {type: "button"}, make("span", {textContent: source, lang: model.source, dir: "auto"}), make("b", {textContent: text, lang: model.target, dir: "auto"}));
    made.setAttribute("aria-pressed", i === at);
    made.addEventListener("click", () => { show(i); list(count); });
    return made;
  }), ...(found.length < count ? [note(`Sentence ${found.length + 1} of ${count} …`)] : []));
}

// What there is to say of a translation.
async function remark(direction, text, split) {
  const lost = found.flatMap((one) => one.lost);
  const copied = found.filter(({beam}) => !beam);
  const others = about.models.filter((each) => each.direction !== direction);
  const [known, ...knownThere] = await Promise.all([model, ...others].map((each) => call("known", each.direction, text)));
  const better = others.find((_, i) => knownThere[i] > (known ?? 1) + 0.1);
  return [
    lost.length ? `The translation lacks ${lost.map((each) => `“${each}”`).join(", ")}.` : "",
    copied.length ? `${copied.map(({source}) => `“${source}”`).join(", ")} has no words to translate, so it is copied.` : "",
    better ? `This looks like ${better.reads}: “${better.title}” above translates it.`
      : known !== null && known <= 0.5 ? `The model knows few of these words: it has learnt to read ${model.reads} alone, and what it makes of others means little.` : "",
    split ? "A sentence was too long for the model, so it was split at words; its parts may not fit together." : "",
  ].filter(Boolean).join(" ");
}

function say(problem) {
  part("problem").textContent = problem;
  part("problem").hidden = !problem;
  part("state").textContent = "";
}

// What the search is, on the button that opens its options.
function sayOptions() {
  const {beam, alpha, sample} = options();
  part("search").textContent = `Beam ${beam}, length penalty ${alpha}${sample ? ", a sample" : ""}`;
}

function choose(next) {
  model = next;
  part("text").lang = model.source;
  part("text").placeholder = `Type ${model.reads}`;
  part("text").setAttribute("aria-label", `Sentence in ${model.reads}`);
  part("alpha").value = part("alpha").defaultValue = model.alpha;
  part("examples").replaceChildren(...model.examples.map((example) => {
    const made = make("button", {type: "button", textContent: example, lang: model.source});
    made.addEventListener("click", () => { part("text").value = example; run(example); });
    return made;
  }));
  sayOptions();
  press();
}

// Marks what is open: the lessons, or a model.
function press() {
  const open = !part("course").hidden;
  for (const button of part("switches").children) {
    const {model: direction} = button.dataset;
    button.setAttribute("aria-pressed", direction === undefined ? open : !open && direction === model.direction);
  }
}

function switches() {
  const made = (name, act, data = {}) => {
    const button = make("button", {type: "button", textContent: name});
    Object.assign(button.dataset, data);
    button.addEventListener("click", act);
    return button;
  };
  const models = about.models.map((each) => made(each.title, () => {
    leave();
    if (each === model) return press();
    typed[model.direction] = part("text").value;
    choose(each);
    part("text").value = typed[each.direction] ?? each.examples[0] ?? "";
    return run(part("text").value);
  }, {model: each.direction}));
  const lessons = about.lessons.length ? [made("Lessons", () => course(true))] : [];
  if (models.length + lessons.length > 1) part("switches").append(...models, ...lessons);
}

async function begin() {
  switches();
  choose(model);
  try {
    const [{products}] = await client.ready;
    part("inside").textContent = `Its ${about.weights} weights have 8 bits each; ${products} multiplies them.`;
  } catch (problem) {
    part("state").textContent = "";
    return say(`The model can't be started in this browser (${problem.message}); a current Chrome, Firefox or Safari runs it.`);
  }
  for (const id of ["text", "go"]) part(id).disabled = false;
  document.body.dataset.ready = "";
  part("state").textContent = "";
  const [example = ""] = model.examples;
  if (!part("text").value) part("text").value = example;
  if (matchMedia("(pointer: fine)").matches) part("text").select(); // elsewhere a keyboard would cover the page
  if (example) run(example);
}

part("stop").addEventListener("click", () => { halt(); part("state").textContent = "Stopped."; });
part("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(part("answer").textContent);
    part("copy").textContent = "Copied";
  } catch { // a file from disk may not be allowed to
    getSelection().selectAllChildren(part("answer"));
    part("copy").textContent = "Selected: copy it by the keyboard";
  }
  setTimeout(() => (part("copy").textContent = "Copy"), 2500);
});
part("ask").addEventListener("submit", (event) => { event.preventDefault(); run(part("text").value); });
part("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  run(part("text").value);
});
part("options").addEventListener("change", ({target}) => {
  correct(target);
  sayOptions();
  if (part("text").value.trim()) run(part("text").value);
});
document.addEventListener("pointerdown", (event) => { if (!part("options").contains(event.target)) part("options").open = false; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") part("options").open = false; });
begin();
