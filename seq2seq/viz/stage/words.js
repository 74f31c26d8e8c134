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

// Words of the tokens of `word` tokenizers are joined by spaces, so a piece without any marker is a word of its own.
function textOfPath(pieces) {
  const whole = pieces.filter((piece) => !SPECIAL.has(piece));
  return textOf(whole).trimEnd();
}
