"""A wrapper around SentencePiece with one interface for `bpe`, `unigram`, `word` and `char`."""

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Literal

import sentencepiece

from seq2seq.errors import CheckpointError, ConfigError, reason
from seq2seq.text.normalise import normalise
from seq2seq.text.passages import PLACEHOLDERS
from seq2seq.text.words import SPACE, Word, group_words, rejoin, split_words

PAD, START, END, UNKNOWN = _SPECIALS = 0, 1, 2, 3
VocabularyKind = Literal["bpe", "unigram", "word", "char"]

LARGEST_VOCABULARY = 200_000
_TOO_SMALL = re.compile(r"required_chars\. \d+ vs (\d+)")
_DRAWING = Lock()
_UNKNOWN = "<unk>"


def _unlearnable(kind: VocabularyKind, size: int, key: str, said: str) -> str:
    """Return why SentencePiece could not learn a vocabulary, reworded for known causes."""
    if found := _TOO_SMALL.search(said):
        return (
            f"A {kind} vocabulary of {size} can't hold this text: its letters and the special tokens alone are "
            f"{int(found[1]):,}; set {key} to more than that."
        )
    if "is empty" in said or "Sentences" in said:
        return f"There is no text to learn a {kind} vocabulary from; name files with sentences in them."
    return f"A {kind} vocabulary of {size} can't be learnt from this text ({reason(said)}); change {key}."


class Tokenizer:
    """Text to ids and back. Immutable, and safe to share between threads."""

    has_placeholders: bool
    """Whether the placeholders of passages that are copied are pieces."""
    has_bytes: bool
    """Whether unknown characters become byte pieces (byte fallback), so that <unk> never occurs."""

    def __init__(self, proto: bytes, name: str = "tokenizer") -> None:
        """Raises CheckpointError unless `proto` is a SentencePiece model with this project's special tokens."""
        self.proto = proto
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(proto)
        except (RuntimeError, UnicodeDecodeError):  # its message about a damaged file may not be UTF-8
            raise CheckpointError(f"{name} is not a SentencePiece model; train the checkpoint again.") from None
        processor = self._processor
        specials = (processor.pad_id(), processor.bos_id(), processor.eos_id(), processor.unk_id())
        if specials != _SPECIALS:
            raise CheckpointError(
                f"{name} has the special ids {specials}, not (0, 1, 2, 3); it comes from another program."
            )
        try:
            self._pieces = tuple(str(processor.IdToPiece(i)) for i in range(processor.GetPieceSize()))
        except UnicodeDecodeError:
            raise CheckpointError(f"{name} has a piece that is not UTF-8 text; copy it again.") from None
        # Only the `word` kind needs pre-tokenized text. The pieces tell which kind it is: subword kinds have byte
        # pieces, and in the `char` kind the space marker is a piece of its own.
        self.has_bytes = any(map(processor.IsByte, range(len(self._pieces))))
        self.has_placeholders = set(PLACEHOLDERS) <= set(self._pieces)
        self._splits = not self.has_bytes and any(
            len(piece) > 1 and piece.startswith(SPACE) for piece in self._pieces
        )

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Return the tokenizer stored at `path`. Raises CheckpointError if there is none."""
        try:
            return cls(path.read_bytes(), str(path))
        except OSError as failure:
            raise CheckpointError(f"{path} can't be read: {failure.strerror}.") from None

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        kind: VocabularyKind,
        size: int,
        key: str = "the size",
        *,
        placeholders: bool = False,
    ) -> "Tokenizer":
        """Return a tokenizer of at most `size` pieces, learnt from `lines`.

        key: the name of the size in errors. placeholders: whether those of copied passages are pieces; then each
        digit is a piece of its own, too. Raises ConfigError if the size does not suit the text.
        """
        if size > LARGEST_VOCABULARY:
            raise ConfigError(
                f"A vocabulary of {size:,} is too large; set {key} to at most {LARGEST_VOCABULARY:,}."
            )
        texts = (normalise(line) for line in lines)
        if kind == "word":
            texts = (split_words(text) for text in texts)
        writer = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter([text for text in texts if text]),
                model_writer=writer,
                model_type=kind,
                vocab_size=size,
                pad_id=PAD,
                bos_id=START,
                eos_id=END,
                unk_id=UNKNOWN,
                pad_piece="<pad>",
                bos_piece="<s>",
                eos_piece="</s>",
                unk_surface=f" {_UNKNOWN}",
                byte_fallback=kind in ("bpe", "unigram"),
                # `normalise` is the one normaliser; SentencePiece must not add a second.
                normalization_rule_name="identity",
                remove_extra_whitespaces=kind == "word",
                character_coverage=0.9999 if kind in ("bpe", "unigram") else 1.0,
                # A small text yields fewer pieces than requested; the vocabulary is then smaller.
                hard_vocab_limit=False,
                user_defined_symbols=list(PLACEHOLDERS) if placeholders else [],
                split_digits=placeholders,
                num_threads=1,
                minloglevel=2,
            )
        except (RuntimeError, OSError, ValueError) as failure:
            raise ConfigError(_unlearnable(kind, size, key, str(failure))) from None
        return cls(writer.getvalue())

    def __len__(self) -> int:
        return int(self._processor.GetPieceSize())

    @property
    def has_merges(self) -> bool:
        """Whether the kind is `bpe`, whose piece scores are merge ranks; others have log-probabilities."""
        ids = range(len(_SPECIALS), len(self))
        return all(self._processor.GetScore(i).is_integer() for i in ids if not self._processor.IsByte(i))

    def scores(self) -> list[float]:
        """Return the score of each piece: of the kind `bpe` 0, -1, -2 and so on in the order of the merges."""
        return [float(self._processor.GetScore(i)) for i in range(len(self))]

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, normalised, without start and end."""
        return list(self._processor.EncodeAsIds(self._prepared(text)))

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return `encode` of each text; faster than one by one."""
        return list(self._processor.EncodeAsIds([self._prepared(text) for text in texts]))

    def encode_dropped(self, texts: Sequence[str], dropout: float, seed: int) -> list[list[int]]:
        """Return a random segmentation of each text by BPE-dropout (Provilkov et al. 2020, section 3).

        dropout: the probability that a merge is skipped; meaningful for the kind `bpe` only.
        """
        prepared = [self._prepared(text) for text in texts]
        # SentencePiece has one seed per process, read when a call samples its first sentence.
        with _DRAWING:
            sentencepiece.set_random_generator_seed(seed)
            drawn = self._processor.Encode(
                prepared, out_type=int, enable_sampling=True, alpha=dropout, nbest_size=-1, num_threads=1
            )
        return list(drawn)

    def decode(self, ids: Sequence[int], unknown: Sequence[str] = ()) -> str:
        """Return the text of `ids`; start, end and padding are dropped.

        unknown: the replacement for each <unk>, in order.
        """
        text = str(self._processor.DecodeIds([i for i in ids if i not in (PAD, START, END)]))
        around = text.split(_UNKNOWN)
        if len(around) == len(unknown) + 1:  # otherwise the text contains a literal <unk>
            text = "".join(part + word for part, word in zip(around, [*unknown, ""], strict=True))
        # The byte pieces of an output can be anything, so the decoded text is normalised again.
        return normalise(rejoin(text) if self._splits else text)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Return the piece of each id as SentencePiece writes it ("▁froid", "</s>", "<0xE2>")."""
        return [self._pieces[i] for i in ids]

    def ids(self, pieces: Iterable[str]) -> list[int]:
        """Return the ids of pieces, the unknown token's for those that are none."""
        return [int(self._processor.PieceToId(piece)) for piece in pieces]

    def vocabulary(self) -> list[str]:
        """Return each piece as it appears in text, without space markers."""
        return [rejoin(piece).removeprefix(SPACE) for piece in self.pieces(range(len(self)))]

    def words(self, text: str) -> list[Word]:
        """Return the words of `text`, and which pieces of `encode(text)` each of them spans.

        With a `word` vocabulary unknown words keep their surface form; adjacent unknown words are one piece.
        """
        if not self._splits:
            return group_words(self.pieces(self.encode(text)))
        pieces: list[list[str]] = []
        unknown = False
        for token in self._prepared(text).split():
            before, unknown = unknown, self._processor.PieceToId(SPACE + token) == UNKNOWN
            if before and unknown:
                pieces[-1].append(token)
            else:
                pieces.append([token])
        return [Word(rejoin(" ".join(tokens)), i, i + 1) for i, tokens in enumerate(pieces)]

    def _prepared(self, text: str) -> str:
        text = normalise(text)
        return split_words(text) if self._splits else text
