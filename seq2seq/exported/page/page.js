// The page: what is typed goes to the engine, and what comes back onto the stage.

const part = (id) => document.getElementById(id);
const about = JSON.parse(part("about").textContent);
const heldText = (id) => { // megabytes, which do not stay in the page once they are read
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
let remarks = ""; // of the last text
const texts = {}; // what was typed, by direction
const running = new Map(); // what is computed now, in words
const SLOW = 250; // milliseconds, after which that is said

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
  running.clear();
  busy();
  return ++turn;
}

let waiting = 0;
// Says what is computed, once it takes a while; until then what was there stays as it is.
function busy() {
  clearTimeout(waiting);
  const says = [...running.values()].at(-1) ?? remarks;
  if (!running.size || !part("stop").hidden) part("state").textContent = says;
  if (running.size) waiting = setTimeout(() => { slow(true); part("state").textContent = says; }, SLOW);
  else slow(false);
}

function slow(is) {
  document.body.classList.toggle("slow", is);
  part("stop").hidden = !is;
}

// Whether what is shown belongs to another text, and so pales when the next one takes a while.
const fade = (is) => document.body.classList.toggle("old", is);

async function run(text) {
  const own = halt();
  const stale = () => own !== turn;
  const of = model;
  say("");
  remarks = "";
  texts[of.direction] = text;
  running.set("text", "Translating …");
  fade(true);
  busy();
  try {
    const {sentences, split} = await call("plan", of.direction, text);
    if (stale()) return;
    if (!sentences.length) return fail("There is nothing to translate; type a sentence.");
    clear();
    for (const [number, sentence] of sentences.entries()) {
      const one = await searched(of, sentence, number);
      if (stale()) return;
      add(one, sentences.length);
      fade(false);
    }
    remarks = await remark(of, text, split);
    if (stale()) return;
    running.delete("text");
    busy();
  } catch (problem) {
    if (!stale()) fail(problem.message);
  }
}

// A text that can't be translated: nothing of the last one stays.
function fail(problem) {
  running.clear();
  remarks = "";
  fade(false);
  busy();
  hide();
  say(problem);
}

// A sentence's searches; those of a copied one have no traces.
async function searched(of, sentence, number) {
  const {beam, alpha, ...others} = options();
  const search = (given) => call("sentence", of.direction, sentence, given, number);
  const [greedy, best, sample] = await Promise.all([
    search({beam_size: 1}), search({beam_size: beam, alpha}), others.sample ? search(others) : null,
  ]);
  return {model: of, source: sentence, text: best.text, lost: best.lost, greedy: greedy.trace, beam: best.trace, sample: sample?.trace ?? null};
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
}

// What the search is, on the button that opens its options.
function sayOptions() {
  const {beam, alpha, sample} = options();
  part("search").textContent = `Beam ${beam}, length penalty ${alpha}${sample ? ", a sample" : ""}`;
}

function choose(next) {
  model = next;
  part("text").lang = model.source;
  part("text").placeholder = `Type ${model.source_name}`;
  part("text").setAttribute("aria-label", `Sentence in ${model.source_name}`);
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
    texts[model.direction] = part("text").value;
    choose(each);
    const text = texts[each.direction] ?? each.examples[0] ?? "";
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
    part("inside").textContent = `Its matrices have 8 bits a weight, ${about.weights} in all; ${products} multiplies them.`;
  } catch (problem) {
    part("state").textContent = "";
    return say(`The model can't be started in this browser (${problem.message}); a current Chrome, Firefox or Safari runs it.`);
  }
  for (const id of ["text", "go"]) part(id).disabled = false;
  document.body.dataset.ready = "";
  if (turn) return; // an example was chosen meanwhile
  part("state").textContent = "";
  part("text").value ||= model.examples[0] ?? "";
  if (matchMedia("(pointer: fine)").matches) part("text").select(); // elsewhere a keyboard would cover the page
  if (part("text").value) run(part("text").value);
}

part("stop").addEventListener("click", () => {
  remarks = "Stopped.";
  halt();
  stopped();
});
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
