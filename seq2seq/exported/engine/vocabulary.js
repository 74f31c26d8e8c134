// SentencePiece's byte-pair encoding with byte fallback (Sennrich et al. 2016; Kudo and Richardson 2018).

const [PAD, START, END, UNKNOWN] = [0, 1, 2, 3];
const UNKNOWN_TEXT = "<unk>";
const MOST_WORDS = 10_000;

// `held`: pieces by id; merges, the rank of each piece in merging, null for those that no merge makes; bytes, the id
// of <0x00>; placeholders, ids of pieces that stay whole. `normalise`: the one of all text.
function makeVocabulary({pieces, merges, bytes, placeholders}, normalise) {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const rank = new Map(merges.flatMap((place, id) => (place === null ? [] : [[pieces[id], place]])));
  const whole = placeholders.map((id) => pieces[id]);
  const characters = whole.length ? new RegExp(`${whole.join("|")}|[^]`, "gu") : /[^]/gu;
  const stays = new Set(whole);
  const coder = new TextEncoder();
  const met = new Map(); // words and their tokens

  // The pieces of a word: the adjacent two that make the earliest merge become one, the leftmost first.
  function segments(word) {
    const parts = word.match(characters);
    const rankAt = (i) => (stays.has(parts[i]) || stays.has(parts[i + 1]) ? undefined : rank.get(parts[i] + parts[i + 1]));
    const ranks = parts.slice(1).map((_, i) => rankAt(i) ?? Infinity);
    for (;;) {
      let at = -1;
      let best = Infinity;
      for (let i = 0; i < ranks.length; i++) if (ranks[i] < best) [at, best] = [i, ranks[i]];
      if (at < 0) return parts;
      parts.splice(at, 2, parts[at] + parts[at + 1]);
      ranks.splice(at, 1);
      if (at) ranks[at - 1] = rankAt(at - 1) ?? Infinity;
      if (at < ranks.length) ranks[at] = rankAt(at) ?? Infinity;
    }
  }

  function ofWord(word) {
    if (!met.has(word)) {
      if (met.size > MOST_WORDS) met.clear();
      met.set(word, segments(SPACE + word).flatMap((piece) => {
        const id = ids.get(piece);
        return id === undefined ? [...coder.encode(piece)].map((byte) => bytes + byte) : [id];
      }));
    }
    return met.get(word);
  }

  // No piece goes across a space, so each word can be looked at by itself.
  function encode(given) {
    const text = normalise(given);
    return text ? text.split(" ").flatMap(ofWord) : [];
  }

  const isByte = (id) => id >= bytes && id < bytes + 256;

  function decode(tokens) {
    let text = "";
    for (let i = 0; i < tokens.length; i++) {
      const id = tokens[i];
      if (id === PAD || id === START || id === END) continue;
      if (!isByte(id)) { text += id === UNKNOWN ? ` ${UNKNOWN_TEXT}` : pieces[id].replaceAll(SPACE, " "); continue; }
      const run = [];
      while (i < tokens.length && isByte(tokens[i])) run.push(tokens[i++] - bytes);
      i--;
      text += decodedBytes(run);
    }
    return normalise(text);
  }

  return {
    encode, decode,
    size: pieces.length,
    pieces: (tokens) => tokens.map((id) => pieces[id]),
    // The tokens that go on with the word of `token`.
    continuing: (token) => pieces.flatMap((piece, id) => (startsWord(pieces[token], piece) ? [] : [id])),
  };
}

// UTF-8, with one replacement character for each byte that is part of no character, as SentencePiece has it.
function decodedBytes(bytes) {
  const strict = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true});
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const length = bytes[i] < 0x80 ? 1 : bytes[i] < 0xe0 ? 2 : bytes[i] < 0xf0 ? 3 : 4;
    try {
      text += strict.decode(new Uint8Array(bytes.slice(i, i + length)));
      i += length;
    } catch {
      text += "\ufffd";
      i++;
    }
  }
  return text;
}
