"""Which source words a word of the output depends on: by leaving out, by gradients, and by the attention.

The three need not agree (Jain and Wallace 2019, "Attention is not Explanation"); whether they do is told by a rank
correlation, as there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from captum.attr import InputXGradient
from torch import Tensor

from seq2seq.data.batches import source_batch
from seq2seq.errors import ConfigError
from seq2seq.explain.correlation import spearman
from seq2seq.explain.wording import signed
from seq2seq.models import Memory, TranslationModel, backward_through_recurrence, device_of
from seq2seq.session import Session
from seq2seq.text import END, START, Word, group_words
from seq2seq.trace.alignments import told_apart

LEAST_WORDS = 6  # from which a rank correlation is more than chance


class AttributionScores(NamedTuple):
    """What each place of the source was worth to the asked word; the last place is </s>."""

    labels: tuple[str, ...]
    attention: tuple[float, ...] | None
    """Weights that sum to 1, averaged over the asked word's pieces; None for a model without attention."""
    leave_one_out: tuple[float | None, ...]
    """Natural logs: how much more likely the asked word is with this place than without it.

    None for </s>, since no model was trained on a source without its end.
    """
    gradient_by_input: tuple[float, ...]
    """Natural logs, to first order: gradient times embedding. Positive speaks for the asked word."""


class Agreement(NamedTuple):
    """Spearman rank correlations of the attention with the two others; None where they say nothing."""

    leave_one_out: float | None
    gradient_by_input: float | None


@dataclass(frozen=True)
class Attributions:
    """Three answers to why one word was said, for each source piece and for each source word."""

    asked: str
    log_prob: float
    """Natural log-probability of the asked word, given what stands before."""
    pieces: AttributionScores
    words: AttributionScores

    @property
    def agreement(self) -> Agreement:
        """How far attention agrees with the others on which words matter."""
        return agreement(self.words)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The agreement in words."""
        if self.words.attention is None:
            return ("This model has no attention, so there is nothing to compare.",)
        found = self.agreement
        return (
            f"{describe('leave-one-out', found.leave_one_out)} {_firsts(self.words, 'leave-one-out')}",
            f"{describe('gradient times input', found.gradient_by_input)} "
            f"{_firsts(self.words, 'gradient times input')}",
        )


def attribute(session: Session, before: Sequence[int], asked: Sequence[int]) -> Attributions:
    """Return what each source piece and word was worth to the target tokens `asked`, a piece or a whole word.

    before: the output's tokens before them, without <s>. The prefix is forced, so only the source varies.
    Raises ConfigError for a photo, and unless the tokens are the model's.
    """
    sentence = session.require_sentence("An attribution")
    ids = list(sentence.ids)
    if not asked:
        raise ConfigError("No word of the output is asked for; name one token or more.")
    session.require_tokens((*before, *asked))
    pieces = sentence.vocabulary.pieces([*ids, END])
    words = group_words(pieces)
    log_prob, attention, without = _left_out(sentence.model, ids, words, before, asked)
    slopes = _slopes(sentence.model, ids, before, asked)
    by_piece = AttributionScores(
        tuple(pieces),
        attention,
        (*(log_prob - without[i, i + 1] for i in range(len(ids))), None),
        slopes,
    )
    by_word = AttributionScores(
        tuple(word.text for word in words),
        None if attention is None else _sums(attention, words),
        (*(log_prob - without[word.first, word.last] for word in words[:-1]), None),
        _sums(slopes, words),
    )
    said = "</s>" if list(asked) == [END] else session.text(asked)
    return Attributions(said, log_prob, by_piece, by_word)


def agreement(scores: AttributionScores) -> Agreement:
    """Return the rank correlations of the attention with the two others; None for fewer than LEAST_WORDS words.

    Three words have the same order by chance once in six times, six words once in 720.
    Attention says how much a word is looked at and not to what end, so the others enter by their absolute values
    (as in Jain and Wallace 2019). </s> is left aside, since it can't be left out.
    """
    if scores.attention is None:
        return Agreement(None, None)
    places = [i for i, value in enumerate(scores.leave_one_out) if value is not None]
    if len(places) < LEAST_WORDS:
        return Agreement(None, None)
    looked = [scores.attention[i] for i in places]
    left_out = [abs(value) for value in scores.leave_one_out if value is not None]
    return Agreement(
        spearman(looked, left_out),
        spearman(looked, [abs(scores.gradient_by_input[i]) for i in places]),
    )


def describe(measure: str, correlation: float | None) -> str:
    """Return in a sentence how far attention and `measure` agree."""
    if correlation is None:
        return f"Attention and {measure} can't be compared by rank: that takes {LEAST_WORDS} words that differ."
    number = signed(correlation)
    if correlation >= 0.6:
        return f"Attention and {measure} agree on which words matter: rank correlation {number}."
    if correlation >= 0.3:
        return f"Attention and {measure} agree in part on which words matter: rank correlation {number}."
    if correlation > -0.3:
        return f"Attention and {measure} disagree on which words matter: rank correlation {number}."
    return f"Attention and {measure} say the opposite of each other: rank correlation {number}."


def _firsts(scores: AttributionScores, measure: str) -> str:
    """Return in a sentence which word is first by attention and which by `measure`, </s> left aside.

    Where one word takes nearly all, the ranks of the others are noise, and this says more than the correlation.
    """
    values = scores.leave_one_out if measure == "leave-one-out" else scores.gradient_by_input
    sizes = [abs(value) for value in values[:-1] if value is not None]
    looked = list(scores.attention or ())[:-1]
    names = told_apart(scores.labels)
    first, other = looked.index(max(looked)), sizes.index(max(sizes))
    if first == other:
        return f"Both have {names[first]} first."
    return f"Attention has {names[first]} first, {measure} has {names[other]}."


@torch.inference_mode()
def _left_out(
    model: TranslationModel, ids: list[int], words: Sequence[Word], before: Sequence[int], asked: Sequence[int]
) -> tuple[float, tuple[float, ...] | None, dict[tuple[int, int], float]]:
    """Return the log-probability with the whole source, its attention, and the one without each piece and word.

    Captum's FeatureAblation would put a baseline in a piece's place. A recurrent encoder still takes a step there,
    so each shortened source is encoded anew instead; all of them are one batch.
    """
    spans = list(dict.fromkeys([(i, i + 1) for i in range(len(ids))] + [(w.first, w.last) for w in words[:-1]]))
    source, mask = (
        part.to(device_of(model))
        for part in source_batch([ids, *(ids[:first] + ids[last:] for first, last in spans)])
    )
    memory = model.encode(source, mask)
    log_probs, attention = _forced(model, memory, before, asked)
    row = None if attention is None else tuple(attention[0].tolist())
    whole, *shortened = log_probs.tolist()
    return whole, row, dict(zip(spans, shortened, strict=True))


def _slopes(
    model: TranslationModel, ids: list[int], before: Sequence[int], asked: Sequence[int]
) -> tuple[float, ...]:
    """Return for each source piece, </s> included, its embedding times the gradient of the log-probability."""
    # Whoever calls may have gradients turned off, and tensors of inference mode could not have any.
    with torch.inference_mode(False), torch.enable_grad(), backward_through_recurrence():
        source, mask = (part.to(device_of(model)) for part in source_batch([ids]))
        embeddings = model.encoder.embedding(source).detach().requires_grad_()
        products = InputXGradient(_log_prob_of_embeddings(model, mask, before, asked)).attribute(embeddings)
        return tuple(products.sum(2)[0].tolist())


def _log_prob_of_embeddings(
    model: TranslationModel, mask: Tensor, before: Sequence[int], asked: Sequence[int]
) -> Callable[[Tensor], Tensor]:
    def log_prob(embeddings: Tensor) -> Tensor:
        return _forced(model, model.encode_embeddings(embeddings, mask), before, asked)[0]

    return log_prob


def _forced(
    model: TranslationModel, memory: Memory, before: Sequence[int], asked: Sequence[int]
) -> tuple[Tensor, Tensor | None]:
    """Return the log-probability (batch,) of `asked` after `before`, and its average attention (batch, source)."""
    decoder = model.decoder
    rows = len(memory)
    decoder_input = memory.mask.new_tensor([START, *before, *asked[:-1]], dtype=torch.long).expand(rows, -1)
    tokens = decoder_input.new_tensor(asked).expand(rows, -1)
    readouts, _, attention = decoder.readouts(decoder_input, memory)
    # Only the asked steps need the output layer, which is the dearest part of a step.
    log_probs = decoder.output(readouts[:, len(before) :]).log_softmax(-1)  # (batch, asked, vocabulary)
    total = log_probs.gather(2, tokens[..., None]).squeeze(2).sum(1)
    return total, None if attention is None else attention[:, len(before) :].mean(1)


def _sums(values: Sequence[float], words: Sequence[Word]) -> tuple[float, ...]:
    return tuple(sum(values[word.first : word.last]) for word in words)
