"""A translation model as bytes for a page: a header in JSON, then weights in 8 bits with a scale for each row.

Layout: the header's length in 4 bytes (little-endian), the header, and the weights; the places in the header are
counted from the first byte behind it. All of it is compressed (zlib).
"""

import json
import zlib
from typing import Any

import torch
from torch import Tensor

from seq2seq.checkpoint import Checkpoint
from seq2seq.digests import digest
from seq2seq.errors import ConfigError
from seq2seq.exported.rules import search_rules, text_rules
from seq2seq.segments import CUT_SOURCE, LONGEST_SENTENCE, LONGEST_SOURCE
from seq2seq.text import Tokenizer
from seq2seq.text.passages import PLACEHOLDERS
from seq2seq.text.words import SPACE
from seq2seq.weights import distinct, packed_rows, unpacked_rows

_ALIGNED = 16  # bytes
_MATRIX = 2  # dimensions
_BYTES = 256  # byte pieces of a vocabulary


def packed(checkpoint: Checkpoint, name: str) -> bytes:
    """Return a model with all that is needed to translate; name: as traces are to call it.

    Raises ConfigError if its vocabularies are not byte-pair encodings with byte fallback.
    """
    weights = _Weights()
    exact = True
    for tensor, value in distinct(checkpoint.model):
        exact &= weights.add(tensor, value.detach())
    header = {
        "name": name,
        # Other weights are another model, and traces of the one must not pass for those of the other.
        "digest": checkpoint.fingerprint if exact else f"{checkpoint.fingerprint}-{digest(bytes(weights.data))}",
        "alpha": checkpoint.config.alpha,
        "config": checkpoint.config.model.model_dump(),
        "limits": {
            "longest_source": LONGEST_SOURCE,
            "cut_source": CUT_SOURCE,
            "longest_sentence": LONGEST_SENTENCE,
        },
        "vocabularies": {
            side: _vocabulary(getattr(checkpoint, side), f"{name}'s {side} vocabulary")
            for side in ("source", "target")
        },
        "words": "\n".join(sorted(checkpoint.known.words)) if checkpoint.known else None,
        "text": text_rules(checkpoint),
        "search": search_rules(),
        "tensors": weights.places,
        "widest": weights.widest,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % _ALIGNED)
    return zlib.compress(len(text).to_bytes(4, "little") + text + bytes(weights.data), 9)


class _Weights:
    """Tensors one behind the other."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.places: dict[str, dict[str, int]] = {}
        self.widest = 0  # the most rows or columns of a matrix

    def add(self, name: str, value: Tensor) -> bool:
        """Store a tensor, a matrix in 8 bits; return whether nothing of it was lost."""
        if value.dim() != _MATRIX:
            self.places[name] = {"at": self._put(value.float()), "length": len(value)}
            return True
        codes, scales = packed_rows(value.float())
        outputs, width = value.shape
        self.places[name] = {
            "codes": self._put(codes),
            "scales": self._put(scales.float()),
            "outputs": outputs,
            "width": width,
        }
        self.widest = max(self.widest, outputs, width)
        return bool(torch.equal(unpacked_rows(codes, scales), value.float()))

    def _put(self, values: Tensor) -> int:
        """Append numbers as they are in memory; return where they start."""
        self.data += bytes(-len(self.data) % _ALIGNED)
        start = len(self.data)
        self.data += values.cpu().contiguous().numpy().tobytes()
        return start


def _vocabulary(tokenizer: Tokenizer, what: str) -> dict[str, Any]:
    if not (tokenizer.has_bytes and tokenizer.has_merges):
        raise ConfigError(
            f"{what} is no byte-pair encoding with byte fallback, and a page reads no other; train with kind = bpe."
        )
    pieces = tokenizer.pieces(range(len(tokenizer)))
    if any(SPACE in piece[1:] for piece in pieces):
        raise ConfigError(f"{what} has pieces of several words, and a page reads words one by one; train another.")
    first = pieces.index("<0x00>")
    whole = tokenizer.ids(PLACEHOLDERS) if tokenizer.has_placeholders else []
    unmade = {*range(first + _BYTES), *whole}
    return {
        "pieces": pieces,
        "merges": [None if i in unmade else -score for i, score in enumerate(tokenizer.scores())],
        "bytes": first,
        "placeholders": whole,
    }
