"""What a training starts from: another checkpoint's weights, and word vectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seq2seq.checkpoint import read_checkpoint
from seq2seq.data.vectors import read_vectors
from seq2seq.errors import ConfigError
from seq2seq.models import EncoderDecoder, TranslationModel
from seq2seq.text import Tokenizer
from seq2seq.training.corpus import Vocabularies
from seq2seq.training.recipe import InitialiseFrom, Recipe

_BY_PIECE = {"embedding.weight", "output.weight", "output.bias"}  # of encoder and decoder: a row for each piece


def initialise(model: TranslationModel, recipe: Recipe, vocabularies: Vocabularies) -> None:
    """Initialise the weights that the recipe takes from word vectors or from another checkpoint.

    Raises CheckpointError or DataError if something can't be read, ConfigError if its shapes are not the recipe's.
    """
    text = recipe.text
    if text.source_vectors is not None:
        fill_embeddings(model.encoder.embedding, vocabularies.source, text.source_vectors)
    if text.target_vectors is not None:
        fill_embeddings(model.decoder.embedding, vocabularies.target, text.target_vectors)
    start = recipe.initialise_from
    if start is None:
        return
    kept = read_checkpoint(start.checkpoint)
    renumbered = {}
    if start.vocabularies == "learnt":
        renumbered["encoder"] = VocabularyMapping.between(kept.source, vocabularies.source)
        renumbered["decoder"] = VocabularyMapping.between(kept.target, vocabularies.target)
    take_parts(model, start, kept.model, renumbered)


class VocabularyMapping(NamedTuple):
    """The ids of the pieces that two vocabularies share."""

    old: list[int]
    new: list[int]

    @classmethod
    def between(cls, old: Tokenizer, new: Tokenizer) -> "VocabularyMapping":
        """Return the pieces of `old` that `new` has too."""
        places = {piece: i for i, piece in enumerate(new.pieces(range(len(new))))}
        shared = [(i, places[piece]) for i, piece in enumerate(old.pieces(range(len(old)))) if piece in places]
        return cls([i for i, _ in shared], [i for _, i in shared])

    def fitted(self, own: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return `kept` with each shared piece's weights in its row of `own`; other rows are those of `own`."""
        fitted = dict(kept)
        for name in own.keys() & _BY_PIECE:
            fitted[name] = own[name].clone()
            if fitted[name].shape[1:] == kept[name].shape[1:]:
                fitted[name][self.new] = kept[name][self.old].to(fitted[name].device)
        return fitted


def take_parts(
    model: EncoderDecoder,
    start: InitialiseFrom,
    kept: EncoderDecoder,
    renumbered: Mapping[str, VocabularyMapping] | None = None,
) -> None:
    """Copy parts of a stored model (`kept`) into `model`; `renumbered`: the parts with other vocabularies.

    Raises ConfigError if they differ in shape.
    """
    for part in start.parts:
        own, given = getattr(model, part), getattr(kept, part).state_dict()
        if renumbered and part in renumbered:
            given = renumbered[part].fitted(own.state_dict(), given)
        try:
            own.load_state_dict(given)
        except RuntimeError:
            raise ConfigError(
                f"The {part} of {start.checkpoint} has other shapes than this recipe's; make [model] match."
            ) from None


def freeze(model: nn.Module, start: InitialiseFrom | None) -> None:
    """Freeze the parts that the recipe keeps unchanged."""
    if start is None or not start.freeze:
        return
    for part in start.parts:
        getattr(model, part).requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ConfigError("initialise_from.freeze leaves nothing to learn; name fewer parts.")


def fill_embeddings(embedding: nn.Embedding, tokenizer: Tokenizer, path: Path) -> int:
    """Copy the vectors of a file into the rows of the words that it has; return how many there are.

    A word that the file has only in lower case gets that vector. Other rows stay as they are.
    Raises DataError if the file does not fit, ConfigError if it has none of the words.
    """
    words = tokenizer.vocabulary()
    wanted = {*words, *map(str.lower, words)} - {""}
    vectors = read_vectors(path, embedding.embedding_dim, wanted)
    rows = {i: vectors.get(word, vectors.get(word.lower())) for i, word in enumerate(words) if i > 3}
    known = {i: row for i, row in rows.items() if row is not None}
    if not known:
        raise ConfigError(f"{path} has none of the {len(words):,} words of the vocabulary; take another file.")
    with torch.no_grad():
        embedding.weight[list(known)] = torch.tensor(list(known.values()), device=embedding.weight.device)
    return len(known)
