// A model with its vocabularies: text in, translations and traces out; as in seq2seq/translator.py.

const CONTINUES = "·"; // a typed word that goes on with the one before it
const ATTACHED = ",.;:?!…)]%'’-";
const ANCHOR = "⛢"; // in no longer piece of any vocabulary

// `bytes`: a packed model: the length of its header, the header in JSON, and the weights; see pack.py.
async function makeTranslator(bytes, kernels) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const held = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const {bytes: kept, product} = await kernels.place(bytes.subarray(4 + length), held.widest);
  const model = makeModel(held.config, weightsOf(held.tensors, kept, product));
  const preparation = makePreparation(held.text, held.words === null ? null : held.words.split("\n"));
  const [source, target] = ["source", "target"].map((side) => makeVocabulary(held.vocabularies[side], preparation.normalise));
  const pairs = held.text.placeholder_ids.map(([own, other]) => ({own, other})); // placeholders of source and target
  const {longest_source: longest, cut_source: cut, longest_sentence: most} = held.limits;

  const piecesOf = (sentence) => source.encode(preparation.prepare(sentence).masked.text).length;

  const rules = {alpha: held.alpha, size: target.size, ...held.search};

  // The sentences of a text; one of too many pieces is split at words.
  async function segments(breathe, text) {
    const found = [];
    for (const sentence of preparation.sentences(text)) {
      await breathe();
      const pieces = piecesOf(sentence);
      if (pieces > most) throw new Error(`The sentence “${[...sentence].slice(0, 30).join("")}…” has ${pieces.toLocaleString("en")} pieces and ${most} is the most; put stops or line ends into it.`);
      found.push(...(pieces <= longest ? [sentence] : halved(sentence)));
    }
    return found;
  }

  function halved(sentence) {
    if (piecesOf(sentence) <= cut) return [sentence];
    const signs = [...sentence];
    const middle = Math.floor(signs.length / 2);
    const space = signs.slice(0, middle).lastIndexOf(" ");
    const at = space > 0 ? space : middle;
    return [signs.slice(0, at), signs.slice(at)].map((half) => half.join("").trim()).filter(Boolean).flatMap(halved);
  }

  function memoryOf(ids) {
    const memory = model.encode([...ids, END]);
    const times = (own) => ids.filter((id) => id === own).length;
    // Where there are placeholders, the toolkit fills its lists of them up with <pad>, so that can't be written either.
    memory.barred = pairs.length ? [PAD, ...pairs.filter(({own}) => times(own) === 0).map(({other}) => other)] : [];
    memory.once = pairs.filter(({own}) => times(own) === 1).map(({other}) => other);
    return memory;
  }

  function sourceOf(text, ids, prepared) {
    const pieces = preparation.shown(source.pieces([...ids, END]), prepared, "source");
    const words = wordsOf(pieces);
    const named = (places) => (SPECIAL.has(pieces[places[0]]) ? pieces[places[0]] : stripped(textOf(places.map((place) => pieces[place]))));
    const passages = prepared.masked.passages.map(({kind, source: from, target: to}) => ({kind, source: from, target: to}));
    return {
      kind: "text", text, pieces, words: words.map(named), starts: words.map(([start]) => start),
      passages, in_capitals: prepared.inCapitals, before: prepared.before, after: prepared.after,
    };
  }

  // One sentence: {source, text, finished, lost, logProb, score, trace}; trace is null for what is copied.
  async function sentence(breathe, text, given, number) {
    const prepared = preparation.prepare(text);
    if (prepared.isCopied) return {source: text, text: prepared.text, finished: true, lost: [], logProb: 0, score: 0, trace: null};
    const ids = source.encode(prepared.masked.text);
    const edits = given.edits ?? [];
    const edit = edits.at(-1);
    const options = searchOptions(given, rules);
    if (edit) {
      const prefix = edit.prefix ?? [];
      Object.assign(options, {prefix, not_next: edit.whole_word && prefix.length ? target.continuing(prefix.at(-1)) : []});
    }
    const recorder = makeRecorder(options, rules);
    const found = await search(model, memoryOf(ids), options, recorder, breathe, number);
    if (!found.length) throw new Error("No output can begin like this here; force something else.");
    const written = (tokens) => preparation.output(prepared, target.decode(tokens));
    const named = {source: sourceOf(text, ids, prepared), model: {name: held.name, digest: held.digest}};
    const trace = recorder.trace(found, named, (tokens) => preparation.shown(target.pieces(tokens), prepared, "target"), written, edits);
    const [{tokens, logProb, score, finished}] = found;
    return {source: text, text: written(tokens), finished, lost: preparation.lost(prepared, target.decode(tokens)), logProb, score, trace};
  }

  return {
    about: {source: held.text.source, target: held.text.target, products: kernels.name},

    // The translation of a text: {text, trace (of its first sentence that has one), sentences}. What is called from
    // outside is given `breathe` first: it lets others have their turn, and throws when nobody waits any more.
    async translate(breathe, text, given = {}) {
      if (typeof text !== "string") throw new Error("There is no text to translate; give a string.");
      searchOptions(given, rules); // refused before anything is computed
      const sentences = [];
      for (const each of await segments(breathe, text)) sentences.push(await sentence(breathe, each, given, sentences.length));
      return {
        text: sentences.map((each) => each.text).filter(Boolean).join(" "),
        trace: sentences.find((each) => each.trace)?.trace ?? null,
        sentences,
      };
    },

    // The sentences of a text, and whether one was so long that it had to be split.
    async plan(breathe, text) {
      const found = await segments(breathe, text);
      return {sentences: found, split: found.length > preparation.sentences(text).length};
    },

    sentence,

    // The share of a text's words that the model knows; null for a text of few words.
    known: (_, text) => preparation.knownShare(preparation.normalise(text)),

    // The tokens of a typed word behind some tokens of a sentence's translation.
    typed(_, text, prefix, word) {
      if (prefix.includes(END)) throw new Error("The forced prefix has ended already; go back before its end to add a word.");
      const written = preparation.normalise(preparation.reference(preparation.prepare(text), word));
      if (written === "</s>") return [END];
      const goesOn = prefix.length && [CONTINUES, ...ATTACHED].some((sign) => written.startsWith(sign));
      const bare = (written.startsWith(CONTINUES) ? written.slice(1) : written).trim();
      if (!bare) throw new Error("There is no word to force; type one.");
      const tokens = goesOn ? behind(prefix, bare) : target.encode(bare);
      if (tokens.includes(UNKNOWN) || !tokens.length) throw new Error(`“${bare.slice(0, 30)}” can't be spelt with this model's vocabulary; type another word.`);
      return tokens;
    },
  };

  // The tokens of a text directly behind others, without a space in between.
  function behind(prefix, text) {
    const all = target.encode(target.decode(prefix) + text);
    if (prefix.every((token, i) => all[i] === token)) return all.slice(prefix.length);
    return target.encode(ANCHOR + text).slice(target.encode(ANCHOR).length);
  }
}

// What makeModel asks for the weights; `tensors`: by name where they are; `bytes`: all of them.
function weightsOf(tensors, bytes, product) {
  const floats = (at, length) => new Float32Array(bytes.buffer, bytes.byteOffset + at, length);
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const of = (name) => tensors[name] ?? missing(name);
  const missing = (name) => { throw new Error(`The page lacks ${name}; export it again.`); };
  return {
    product,
    has: (name) => name in tensors,
    matrix: of,
    vector: (name) => floats(of(name).at, of(name).length),
    // Row `index` of a matrix as floating point numbers.
    row(name, index) {
      const {codes: start, scales, width} = of(name);
      const [scale] = floats(scales + 4 * index, 1);
      return Float32Array.from(codes.subarray(start + index * width, start + (index + 1) * width), (code) => code * scale);
    },
  };
}
