// The step before and after a model: as in seq2seq/text/preparation.py.

const LEAST_CAPITALS = 4;

function isInCapitals(text) {
  const letters = [...text].filter(isAlpha);
  const cased = letters.filter((letter) => letter.toLowerCase() !== letter.toUpperCase());
  if (cased.length < LEAST_CAPITALS || cased.length < letters.length || !cased.every(isUpper)) return false;
  return cased.length > LEAST_CAPITALS || text.match(/[\p{L}\p{N}_]+/gu).length > 1;
}

// `rules`: patterns, lists and languages of a model, as the page holds them; `words`: those that it knows, or null.
function makePreparation(given, words) {
  const rules = {...given, patterns: compiled(given.patterns)};
  const {normalise, typeset, withLigatures} = makeNormaliser(rules);
  const passages = makePassages(rules, makeRewrite(rules));
  const known = words && makeKnown(rules, words);
  const split = makeSentences(rules, normalise);
  const unescape = makeUnescape(rules.entities);

  // A sentence as the model is given it, with what is needed to write out its translation.
  function prepare(sentence) {
    const text = withLigatures(normalise(unescape(sentence))).replaceAll("⟦", "[").replaceAll("⟧", "]");
    const none = {before: "", after: "", isCopied: true, inCapitals: false};
    if (passages.isCopied(text)) return {text, masked: {text, passages: []}, ...none};
    const before = rules.patterns.before.match(text)?.[0] ?? "";
    const after = rules.patterns.after.search(text)?.[0] ?? "";
    let inner = text.slice(before.length, text.length - after.length);
    const inCapitals = isInCapitals(inner);
    if (inCapitals) inner = known ? known.restored(inner) : withCapital(inner.toLowerCase());
    const masked = known ? passages.mask(inner, known.names(inner)) : {text: inner, passages: []};
    return {text, masked, before, after, isCopied: false, inCapitals};
  }

  // The output for a decoded text: typography, capitals, passages, and both ends put back.
  function output(prepared, decoded) {
    if (prepared.isCopied) return prepared.text;
    let text = typeset(decoded, rules.target);
    let held = prepared.masked.passages;
    if (prepared.inCapitals) {
      text = text.toUpperCase();
      held = held.map((each) => (each.kind === "name" ? {...each, target: each.target.toUpperCase()} : each));
    }
    return prepared.before + passages.unmask(text, held) + prepared.after;
  }

  // A translation of the sentence in the form of a decoded text: the inverse of `output`.
  function reference(prepared, written) {
    const {before, after, inCapitals} = prepared;
    let text = normalise(written);
    if (text.startsWith(before)) text = text.slice(before.length);
    if (after && text.endsWith(after)) text = text.slice(0, -after.length);
    let held = prepared.masked.passages;
    if (inCapitals && isUpper(text)) {
      text = capitalised(text);
      held = held.map((each) => ({...each, target: each.target.toLowerCase()}));
    }
    return passages.maskOutput(text, held);
  }

  const lost = (prepared, decoded) =>
    (prepared.isCopied ? [] : passages.lost(decoded, prepared.masked.passages).map(({source}) => source));

  // Pieces for display, with the passages that placeholders stand for, as the source or as the output has them.
  function shown(pieces, prepared, side) {
    const written = new Map(prepared.masked.passages.map((each) => [each.placeholder, each[side]]));
    return pieces.map((piece) => written.get(piece) ?? piece);
  }

  return {
    prepare, output, reference, lost, shown, normalise,
    sentences: (text) => split(unescape(text)),
    knownShare: (text) => known?.share(text) ?? null,
  };
}
