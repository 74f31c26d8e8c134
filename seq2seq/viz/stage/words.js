// Pieces of SentencePiece or of words, as words. The same rules as seq2seq/text/words.py.

const SPACE = "▁";
const JOINER = "￭";
const BYTE = /^<0x[0-9A-F]{2}>$/;
const SPECIAL = new Set(["<s>", "</s>", "<pad>", "<unk>"]);
const CLITICS = new Set(["s", "t", "d", "m", "ll", "re", "ve"]);
const isLetter = (sign) => /[\p{L}\p{N}]/u.test(sign ?? "");
const first = (text) => [...text][0] ?? "";
const last = (text) => [...text].at(-1) ?? "";

function startsWord(previous, piece) {
  if (piece.startsWith(SPACE) || piece.includes(JOINER) || SPECIAL.has(previous) || SPECIAL.has(piece)) return true;
  const before = previous.replace(/^▁+/, "");
  if (!before) return false;
  if (BYTE.test(piece)) return !(BYTE.test(before) || isLetter(last(before)));
  if (before.endsWith("'") || (BYTE.test(before) && !isLetter(first(piece)))) return true;
  const changes = isLetter(last(before)) !== isLetter(first(piece));
  return changes && !"'-".includes(first(piece)) && !before.endsWith("-");
}

// Whether `piece` goes on with the word of `previous`; `next` tells Tom's from l's.
function goesOn(previous, piece, next = SPACE) {
  if (!startsWord(previous, piece)) return true;
  return CLITICS.has(piece) && previous.endsWith("'") && !isLetter(first(next ?? SPACE));
}

// The text of pieces, bytes decoded; without its first space.
function textOf(pieces) {
  const coder = new TextEncoder();
  const bytes = pieces.flatMap((piece) =>
    BYTE.test(piece) ? [parseInt(piece.slice(3, 5), 16)]
      : [...coder.encode(SPECIAL.has(piece) ? "" : piece.replaceAll(SPACE, " ").replaceAll(JOINER, ""))]);
  return new TextDecoder().decode(new Uint8Array(bytes)).trimStart();
}

// A piece by itself: a dot before what goes on with a word.
function pieceLabel(piece) {
  if (piece === "</s>") return "⟨end⟩";
  if (piece === "<s>") return "⟨start⟩";
  if (piece.startsWith(SPACE)) return piece.slice(1).replaceAll(JOINER, "·") || "␣";
  return isLetter(first(piece)) ? `·${piece}` : piece;
}

// The words that pieces make up, as lists of places; the pieces of a word belong together.
function wordsOf(pieces) {
  const words = [];
  pieces.forEach((piece, i) => {
    if (i && goesOn(pieces[i - 1], piece, pieces[i + 1])) words.at(-1).push(i);
    else words.push([i]);
  });
  return words;
}

// The sentence that pieces make up, without its end.
function textOfPath(pieces) {
  const whole = pieces.filter((piece) => piece !== "</s>");
  const words = wordsOf(whole).map((places) => {
    const own = places.map((place) => whole[place]);
    return [own[0].startsWith(SPACE) && !own[0].includes(JOINER) ? " " : "", stripped(textOf(own))];
  });
  return words.filter(([, word]) => word).map((parts) => parts.join("")).join("").trim();
}

const stripped = (text) => text.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, "");
