"""The leak lamp: whether a sentence was seen in training, is one word away from one that was, or is new.

Two sentences count as the same if their words are: letters and digits, in lower case and without accents.
Punctuation, case, accents and spaces are not compared, since training also shows sources without them.

Each training sentence is stored as a 64-bit polynomial hash: the sum of h(word at i) * B ** i modulo 2 ** 64, with
a pseudo-random h. The hash after inserting, deleting or replacing a word then costs one multiplication and one
addition, so a typed sentence is compared with every sentence that one edit with a training word could turn it
into; only the word list is needed for that. There is no false "new". Hashes can collide: with 160,000 sentences of
26,000 words and 440,000 candidates for a typed sentence of eight words, a false "near" is expected once in some
260 million sentences (2 ** 64 / sentences / candidates).
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from seq2seq.data.noise import without_accents
from seq2seq.data.wordlist import plain_words
from seq2seq.explain.index_files import SEEN_FILE, index_folder
from seq2seq.explain.storage import FileMetadata, Shape, check_tensors, damaged, read_file, write_file
from seq2seq.text import normalise

Novelty = Literal["seen", "near", "new"]
NOVELTIES: tuple[Novelty, ...] = ("seen", "near", "new")
Hashes = NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse; the golden ratio's bits
_WRAP = 2**64


class SeenRecord(FileMetadata):
    """Metadata of a file of seen sentences."""

    format: Literal[1] = 1
    words: Literal["small letters without accents, no punctuation"] = (
        "small letters without accents, no punctuation"
    )
    """How sentences are normalised for comparison."""
    sentences: int = Field(ge=1)
    """Number of distinct sentences."""


class NearMatch(NamedTuple):
    """A training sentence at one word's edit distance, and where it differs."""

    words: tuple[str, ...]  # of the training sentence
    place: int  # index in the training sentence; or where the typed sentence has an extra word
    typed: str | None  # the typed word, None if the typed sentence lacks one
    trained: str | None  # the training sentence's word there, None if it lacks one


class Familiarity(NamedTuple):
    """The lamp's result. near_matches: training sentences one word away; empty if the text is seen or new."""

    novelty: Novelty
    near_matches: tuple[NearMatch, ...] = ()


def compared_words(text: str) -> tuple[str, ...]:
    """Return a sentence normalised for comparison: its words in lower case without accents.

    A sentence without a word is compared as a whole.
    """
    return tuple(plain_words(text)) or (without_accents(normalise(text)).casefold(),)


class SeenSet:
    """The sentences a model was trained on, as hashes. It is immutable, so threads may share it."""

    def __init__(self, sentences: Hashes, words: Sequence[str]) -> None:
        """sentences: their hashes, sorted, unique. words: all words that occur in them, sorted, unique."""
        self.sentences = sentences
        self.words = tuple(words)
        self._hashes = np.array([_hash(word) for word in self.words], np.uint64)
        # A table of leading bits rules out nearly all candidates at once; the rest are looked up.
        bits = min(24, max(8, len(sentences).bit_length() + 6))
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(2**bits, np.bool_)
        self._table[sentences >> self._shift] = True

    @classmethod
    def of(cls, sources: Iterable[str]) -> "SeenSet":
        """Return the set of these sentences; `sources` is read once."""
        hashes: dict[str, int] = {}
        found = set()
        for source in sources:
            words = compared_words(source)
            for word in words:
                if word not in hashes:
                    hashes[word] = _hash(word)
            found.add(_sentence_hash([hashes[word] for word in words]))
        return cls(np.array(sorted(found), np.uint64), sorted(hashes))

    def __len__(self) -> int:
        return len(self.sentences)

    def classify(self, text: str) -> Familiarity:
        """Return whether `text` was seen, or is near: one word inserted, deleted or replaced, and one in common.

        Includes all near training sentences: first those that lack a typed word, then those with a replaced word,
        then those with an extra word.
        """
        words = compared_words(text)
        hashes = [_hash(word) for word in words]
        if self._has(_sentence_hash(hashes)):
            return Familiarity("seen")
        near_matches = tuple(self._near_matches(words, hashes))
        return Familiarity("near" if near_matches else "new", near_matches)

    def _near_matches(self, words: tuple[str, ...], hashes: Sequence[int]) -> Iterator[NearMatch]:
        # prefixes[i] is the hash of the words before i, suffixes[i] that of the words from i on as a sentence.
        prefixes, powers = [0], [1]
        for value in hashes:
            prefixes.append((prefixes[-1] + value * powers[-1]) % _WRAP)
            powers.append(powers[-1] * _BASE % _WRAP)
        suffixes = [0]
        for value in reversed(hashes):
            suffixes.append((value + suffixes[-1] * _BASE) % _WRAP)
        suffixes.reverse()
        count = len(words)
        for i in range(count if count > 1 else 0):
            # Deleting either of two equal adjacent words gives the same sentence; only the first is tried.
            equal = i > 0 and words[i] == words[i - 1]
            if not equal and self._has((prefixes[i] + suffixes[i + 1] * powers[i]) % _WRAP):
                yield NearMatch(words[:i] + words[i + 1 :], i, words[i], None)
        for i in range(count if count > 1 else 0):
            for word in self._fitting(prefixes[i] + suffixes[i + 1] * powers[i + 1], powers[i]):
                yield NearMatch((*words[:i], word, *words[i + 1 :]), i, words[i], word)
        for i in range(count + 1):
            for word in self._fitting(prefixes[i] + suffixes[i] * _BASE * powers[i], powers[i]):
                if i == 0 or word != words[i - 1]:
                    yield NearMatch((*words[:i], word, *words[i:]), i, None, word)

    def _has(self, number: int) -> bool:
        place = int(np.searchsorted(self.sentences, np.uint64(number)))
        return place < len(self.sentences) and int(self.sentences[place]) == number

    def _fitting(self, rest: int, power: int) -> list[str]:
        """Return the words for which rest + h(word) * power is a training sentence's hash."""
        numbers = self._hashes * np.uint64(power) + np.uint64(rest % _WRAP)
        likely = np.flatnonzero(self._table[(numbers >> self._shift).view(np.int64)])
        candidates = numbers[likely]
        places = np.searchsorted(self.sentences, candidates).clip(max=len(self.sentences) - 1)
        return [self.words[i] for i in likely[self.sentences[places] == candidates].tolist()]


def _hash(word: str) -> int:
    # Normalisation removes lone surrogates, so any word can be encoded.
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8"), digest_size=8).digest(), "little")


def _sentence_hash(hashes: Sequence[int]) -> int:
    number = 0
    for value in reversed(hashes):
        number = (number * _BASE + value) % _WRAP
    return number


def save_seen(folder: Path, seen: SeenSet, weights: str) -> None:
    """Write the set next to the checkpoint folder of the model with these `weights` (their digest).

    8 bytes per sentence, plus the words as compressed text.
    """
    text = zlib.compress("\n".join(seen.words).encode("utf-8"), 9)
    tensors = {
        "sentences": torch.from_numpy(seen.sentences.view(np.int64).copy()),
        "words": torch.frombuffer(bytearray(text), dtype=torch.uint8),
    }
    write_file(index_folder(folder) / SEEN_FILE, tensors, SeenRecord(weights=weights, sentences=len(seen)))


def load_seen(folder: str | Path) -> SeenSet | None:
    """Return the set next to a checkpoint folder, None if there is none (see `how_to_make`).

    Raises CheckpointError if it is damaged, or was made for other weights.
    """
    path = index_folder(folder) / SEEN_FILE
    if not path.is_file():
        return None
    tensors, record = read_file(path, SeenRecord)
    shapes = {"sentences": Shape(torch.int64, (record.sentences,)), "words": Shape(torch.uint8, (-1,))}
    check_tensors(path, tensors, shapes)
    sentences = tensors["sentences"].numpy().view(np.uint64)
    if bool((sentences[1:] <= sentences[:-1]).any()):
        raise damaged(path, "its sentences are out of order")
    try:
        words = zlib.decompress(tensors["words"].numpy().tobytes()).decode("utf-8").split("\n")
    except (zlib.error, UnicodeDecodeError) as failure:
        raise damaged(path, f"its words can't be read: {failure}") from None
    return SeenSet(sentences, words)
