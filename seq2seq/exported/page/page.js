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
  fade(is);
  part("stop").hidden = true;
  if (is) {
    waiting = setTimeout(() => {
      document.body.classList.add("slow");
      part("state").textContent = says;
      part("stop").hidden = false;
    }, SLOW);
  }
}

// Whether what is shown belongs to another text, and so pales when the next one takes a while.
function fade(is) {
  document.body.classList.toggle("old", is);
  if (!is) document.body.classList.remove("slow");
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
      fade(false);
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
    const text = typed[each.direction] ?? each.examples[0] ?? "";
    part("text").value = text;
    if (text.trim()) return run(text);
    halt();
    return fail("");
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
