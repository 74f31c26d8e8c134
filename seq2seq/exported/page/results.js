// What a text's searches look like: the stage, what if, several sentences, and what there is to say.

let found = []; // by sentence: {model, source, text, lost, greedy, beam, sample}, the last three traces
let at = 0;
let drawn = 0; // times; the stage draws again what has another id
let edits = [];
let steps = Promise.resolve(); // forced words and Undo, one after the other
let isFirst = true;

// Before a text's first sentence: what is shown stays until that is there.
function clear() {
  [found, at] = [[], 0];
}

function hide() {
  clear();
  for (const id of ["stage", "more", "sentences", "answer", "copy"]) part(id).hidden = true;
}

// Shows another sentence of a text that has `count`.
function add(one, count) {
  found.push(one);
  // What is copied has nothing to show.
  if (found.length === 1 || (!found[at].beam && one.beam)) show(found.length - 1, true);
  list(count);
  const text = found.map((each) => each.text).filter(Boolean).join(" ");
  part("answer").lang = one.model.target;
  part("answer").textContent = text;
  for (const id of ["answer", "copy"]) part(id).hidden = !text;
}

// After Stop: what is there of a text stays; what is another's pales.
function stopped() {
  if (found.length) list(found.length);
  else document.body.classList.add("slow");
}

function show(place, play = false) {
  at = place;
  edits = [];
  const {greedy, beam, sample} = found[at];
  part("stage").hidden = !beam;
  part("more").hidden = !beam;
  if (!beam) return;
  const searches = [{name: "Greedy", kind: "search", trace: greedy}, {name: nameOf(beam), kind: "search", trace: beam}];
  if (sample) searches.push({name: "Sample", kind: "search", trace: sample});
  draw(searches, play && !isFirst);
  isFirst = false;
  below(beam);
}

const nameOf = (trace) => (trace.options.mode.kind === "beam" ? `Beam ${trace.options.mode.size}` : "Beam 1");

function draw(searches, play) {
  const {source, target} = found[at].model;
  stage.update({id: `${++drawn}`, searches, keys: true, play, language: source, target, force: true, undo: edits.length > 0});
}

const below = (trace) => part("more").replaceChildren(...[nBest(trace), attentionOf(trace)].filter(Boolean));

// What if: the beam before and after a forced beginning.
function forced({tokens, word}) {
  whatIf(async ({model: of, source}) => {
    const behind = word ? await call("typed", of.direction, source, tokens, word) : [];
    return [...edits, {parent: edits.length, prefix: [...tokens, ...behind], whole_word: Boolean(word), attention: [], name: ""}];
  });
}

const undone = () => whatIf(() => edits.slice(0, -1));

// Makes the edits that `wanted` returns those on the stage, when what was asked before is done; nothing if by then
// another sentence is there.
function whatIf(wanted) {
  const one = found[at];
  const own = turn;
  const stale = () => own !== turn || one !== found[at];
  if (!one) return;
  steps = steps.then(async () => {
    if (stale()) return;
    say("");
    running.set("what if", "Searching …");
    busy();
    try {
      const next = await wanted(one);
      const searches = next.length ? await comparison(one, next) : null;
      if (stale()) return;
      edits = next;
      if (!searches) return show(at);
      draw(searches, false);
      below(searches[1].trace);
      part("stage").querySelector(".verdict .plain")?.focus({preventScroll: true}); // Undo
    } catch (problem) {
      if (!stale()) say(problem.message);
    } finally {
      if (own === turn && running.delete("what if")) busy();
    }
  });
}

async function comparison({model: of, source, beam: plain}, next) {
  const {beam, alpha} = options();
  const traceWith = async (some) =>
    (some.length ? (await call("sentence", of.direction, source, {beam_size: beam, alpha, edits: some}, 0)).trace : plain);
  const [before, now] = await Promise.all([traceWith(next.slice(0, -1)), traceWith(next)]);
  return [{name: "Before", kind: "before", trace: before}, {name: "With what is forced", kind: "search", trace: now}];
}

// Several sentences: each with its translation, to be chosen.
function list(count) {
  const box = part("sentences");
  box.hidden = count < 2;
  if (found.length === 1) box.replaceChildren(note(""));
  const missing = found.slice(box.children.length - 1);
  for (const one of missing) {
    const {model: of, source, text} = one;
    const made = make("button", {type: "button"}, make("span", {textContent: source, lang: of.source, dir: "auto"}), make("b", {textContent: text, lang: of.target, dir: "auto"}));
    made.addEventListener("click", () => { show(found.indexOf(one)); press(); });
    box.lastChild.before(made);
  }
  box.lastChild.textContent = found.length < count ? `Sentence ${found.length + 1} of ${count} …` : "";
  press();

  function press() {
    [...box.querySelectorAll("button")].forEach((button, i) => button.setAttribute("aria-pressed", i === at));
  }
}

// What there is to say of a translation.
async function remark(of, text, split) {
  const lost = found.flatMap((one) => one.lost);
  const copied = found.filter(({beam}) => !beam);
  const others = about.models.filter((each) => each !== of);
  const [known, ...knownThere] = await Promise.all([of, ...others].map((each) => call("known", each.direction, text)));
  const better = others.find((_, i) => knownThere[i] > (known ?? 1) + 0.1);
  return [
    lost.length ? `The translation lacks ${lost.map((each) => `“${each}”`).join(", ")}.` : "",
    copied.length ? `Without words to translate, and so copied: ${copied.map(({source}) => `“${source}”`).join(", ")}.` : "",
    better ? `This looks like ${better.source_name}: “${better.title}” above translates it.`
      : known !== null && known <= 0.5 ? `The model knows few of these words: it has learnt to read ${of.source_name} alone, and what it makes of other languages means little.` : "",
    split ? "A sentence was too long for the model, so it was split at words; its parts may not fit together." : "",
  ].filter(Boolean).join(" ");
}
