"""One wrapper around SentencePiece: `bpe`, `unigram`, `word` and `char` behave alike."""

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Literal

import sentencepiece

from seq2seq.errors import CheckpointError, ConfigError, reason
from seq2seq.text.normalise import normalise
from seq2seq.text.words import SPACE, Word, group_words, rejoin, split_words

PAD, START, END, UNKNOWN = _SPECIALS = 0, 1, 2, 3
VocabularyKind = Literal["bpe", "unigram", "word", "char"]

LARGEST_VOCABULARY = 200_000
_TOO_SMALL = re.compile(r"required_chars\. \d+ vs (\d+)")
_DRAWING = Lock()
_UNKNOWN = "<unk>"


def _unlearnable(kind: VocabularyKind, size: int, key: str, said: str) -> str:
    """Return why SentencePiece could not learn a vocabulary, in this project's own words where they are known."""
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

    has_bytes: bool
    """Whether letters that it does not know become bytes, so that nothing is ever unknown."""

    def __init__(self, proto: bytes, name: str = "tokenizer") -> None:
        """Raises CheckpointError unless `proto` is a SentencePiece model with this project's special tokens."""
        self.proto = proto
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(proto)
        except (RuntimeError, UnicodeDecodeError):  # its own words about a damaged file may be no text
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
        # The word kind is the only one that needs its text split beforehand; its own pieces say so: subwords have
        # bytes to fall back on, and for single characters the mark of a space is a piece of its own.
        self.has_bytes = any(map(processor.IsByte, range(len(self._pieces))))
        self._splits = not self.has_bytes and any(
            len(piece) > 1 and piece.startswith(SPACE) for piece in self._pieces
        )

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Return the tokenizer that lies at `path`. Raises CheckpointError if there is none."""
        try:
            return cls(path.read_bytes(), str(path))
        except OSError as failure:
            raise CheckpointError(f"{path} can't be read: {failure.strerror}.") from None

    @classmethod
    def train(cls, lines: Iterable[str], kind: VocabularyKind, size: int, key: str = "the size") -> "Tokenizer":
        """Return a tokenizer of at most `size` pieces, learnt from `lines`.

        key: what errors call the size. Raises ConfigError if it does not suit the text.
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
                # A small text has fewer pieces than asked for; it then gets those that it has.
                hard_vocab_limit=False,
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
        """Whether it is of the kind `bpe`, whose pieces have ranks for scores; others have log-probabilities."""
        ids = range(len(_SPECIALS), len(self))
        return all(self._processor.GetScore(i).is_integer() for i in ids if not self._processor.IsByte(i))

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, normalised, without start and end."""
        return list(self._processor.EncodeAsIds(self._prepared(text)))

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return `encode` of each text; faster than one by one."""
        return list(self._processor.EncodeAsIds([self._prepared(text) for text in texts]))

    def encode_dropped(self, texts: Sequence[str], dropout: float, seed: int) -> list[list[int]]:
        """Return a segmentation of each text that the seed draws: BPE-dropout (Provilkov et al. 2020, section 3).

        dropout: the probability that a merge is skipped. It means something for the kind `bpe` alone.
        """
        prepared = [self._prepared(text) for text in texts]
        # SentencePiece has one seed for the whole process, read when a call's first sentence is drawn.
        with _DRAWING:
            sentencepiece.set_random_generator_seed(seed)
            drawn = self._processor.Encode(
                prepared, out_type=int, enable_sampling=True, alpha=dropout, nbest_size=-1, num_threads=1
            )
        return list(drawn)

    def decode(self, ids: Sequence[int], unknown: Sequence[str] = ()) -> str:
        """Return the text of `ids`; start, end and padding show as nothing.

        unknown: what stands for each id of an unknown word, in place of <unk>.
        """
        text = str(self._processor.DecodeIds([i for i in ids if i not in (PAD, START, END)]))
        around = text.split(_UNKNOWN)
        if len(around) == len(unknown) + 1:  # else somebody has typed <unk>
            text = "".join(part + word for part, word in zip(around, [*unknown, ""], strict=True))
        # Bytes that a model wrote can be anything; what is shown and saved is normal text again.
        return normalise(rejoin(text) if self._splits else text)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Return the piece of each id as SentencePiece writes it ("▁froid", "</s>", "<0xE2>")."""
        return [self._pieces[i] for i in ids]

    def vocabulary(self) -> list[str]:
        """Return each piece as it would stand in a text, without the marks of spaces."""
        return [rejoin(piece).removeprefix(SPACE) for piece in self.pieces(range(len(self)))]

    def words(self, text: str) -> list[Word]:
        """Return the words of `text`, and which pieces of `encode(text)` each of them is.

        A `word` vocabulary shows those that it does not know as they stand in the text; side by side they are one
        piece.
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
