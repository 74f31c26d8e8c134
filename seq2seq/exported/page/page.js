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
let found = []; // by sentence: {source, text, lost, greedy, beam, sample}, the last three traces
let at = 0;
let edits = [];
let drawn = 0;
let first = true;

// For tests, and for whoever puts this page into another one.
window.translate = (text, options = {}) => client.ready.then(() => client.call("translate", options.direction, text, options));

async function run(text) {
  const own = ++turn;
  const stale = () => own !== turn;
  say("");
  const typed = text.trim();
  if (!typed) return say("There is nothing to translate; type a sentence.");
  const direction = model.direction;
  try {
    const sentences = await client.call("segments", direction, typed);
    const fresh = []; // until the first one is there, the last text's stay on the stage
    for (const sentence of sentences) {
      const one = await searched(direction, sentence);
      if (stale()) return;
      fresh.push(one);
      found = fresh;
      // What is copied has nothing to show.
      if (fresh.length === 1 || (!found[at].beam && one.beam)) show(fresh.length - 1, true);
      list(sentences.length);
      part("answer").lang = model.target;
      part("answer").textContent = found.map((each) => each.text).join(" ");
    }
    remark();
  } catch (problem) {
    if (!stale()) say(problem.message);
  }
}

// A sentence's searches; those of a copied one have no traces.
async function searched(direction, sentence) {
  const {beam, alpha, ...others} = options();
  const [greedy, best, sample] = await Promise.all([
    client.call("translate", direction, sentence, {beam_size: 1}),
    client.call("translate", direction, sentence, {beam_size: beam, alpha}),
    others.sample ? client.call("translate", direction, sentence, others) : null,
  ]);
  const {text, sentences: [one], known} = best;
  return {source: sentence, text, lost: one.lost, known, greedy: greedy.trace, beam: best.trace, sample: sample?.trace ?? null};
}

const valueOf = (id, otherwise) => (part(id).value !== "" && part(id).validity.valid ? Number(part(id).value) : otherwise);
const options = () => ({
  beam: valueOf("beam", 5), alpha: valueOf("alpha", model.alpha),
  sample: part("sample").checked, temperature: valueOf("temperature", 1), seed: valueOf("seed", 0),
});

function show(place, play = false) {
  at = place;
  edits = [];
  const {greedy, beam, sample} = found[at];
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
  stage.update({id: `${++drawn}`, searches, keys: !first, play, language: model.source, target: model.target, force: true, undo: edits.length > 0});
}

const below = (trace) => part("more").replaceChildren(...[nBest(trace), attentionOf(trace)].filter(Boolean));

// What if: the beam before and after a forced beginning.
async function forced({tokens, word}) {
  const own = turn;
  const {source} = found[at];
  try {
    const typed = word ? await client.call("typed", model.direction, source, tokens, word) : [];
    await compared(own, [...edits, {parent: edits.length, prefix: [...tokens, ...typed], whole_word: Boolean(word), attention: [], name: ""}]);
  } catch (problem) {
    if (own === turn) say(problem.message);
  }
}

async function compared(own, wanted) {
  const {beam, alpha} = options();
  const {source, beam: plain} = found[at];
  const traceWith = async (some) => (some.length
    ? (await client.call("translate", model.direction, source, {beam_size: beam, alpha, edits: some})).trace : plain);
  const [before, now] = await Promise.all([traceWith(wanted.slice(0, -1)), traceWith(wanted)]);
  if (own !== turn) return;
  say("");
  edits = wanted;
  draw([{name: "Before", kind: "before", trace: before}, {name: "With what is forced", kind: "search", trace: now}], false);
  below(now);
}

function undone() {
  if (edits.length > 1) compared(turn, edits.slice(0, -1));
  else show(at);
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

function remark() {
  const lost = found.flatMap((one) => one.lost);
  const copied = found.filter(({beam}) => !beam);
  const parts = [
    lost.length ? `The translation lacks ${lost.map((each) => `“${each}”`).join(", ")}.` : "",
    copied.length ? `${copied.map(({source}) => `“${source}”`).join(", ")} has no words to translate, so it is copied.` : "",
    found.some(({known}) => known !== null && known <= 0.5) ? `The model knows few of these words: it has learnt to read ${model.reads} alone, and what it makes of others means little.` : "",
  ];
  part("state").textContent = parts.filter(Boolean).join(" ");
}

function say(problem) {
  part("problem").textContent = problem;
  part("problem").hidden = !problem;
  if (!problem) part("state").textContent = "";
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
  part("alpha").value = model.alpha;
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
  const models = about.models.length > 1 ? about.models.map((each) => made(each.title, () => {
    leave();
    choose(each);
    part("text").value = each.examples[0] ?? "";
    if (part("text").value) run(part("text").value);
  }, {model: each.direction})) : [];
  const lessons = about.lessons.length ? [made("Lessons", () => course(part("course").hidden))] : [];
  part("switches").append(...models, ...lessons);
  part("switches").hidden = !part("switches").children.length;
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
  if (example) run(example);
}

part("ask").addEventListener("submit", (event) => { event.preventDefault(); run(part("text").value); });
part("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  run(part("text").value);
});
part("options").addEventListener("change", () => { sayOptions(); if (part("text").value.trim()) run(part("text").value); });
document.addEventListener("pointerdown", (event) => { if (!part("options").contains(event.target)) part("options").open = false; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") part("options").open = false; });
begin();
