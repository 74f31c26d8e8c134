// What a text's searches look like: the stage, what if, several sentences, and what there is to say.

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
