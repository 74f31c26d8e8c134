"""Which source words an output word depends on: by leave-one-out, by gradients, and by attention.

The three need not agree (Jain and Wallace 2019, "Attention is not Explanation"); as there, a rank correlation
measures whether they do.
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

LEAST_WORDS = 6  # fewest words for which a rank correlation is more than chance


class AttributionScores(NamedTuple):
    """How much each source position contributed to the target word; the last position is </s>."""

    labels: tuple[str, ...]
    attention: tuple[float, ...] | None
    """Weights that sum to 1, averaged over the target word's pieces; None for a model without attention."""
    leave_one_out: tuple[float | None, ...]
    """Natural logs: how much more likely the target word is with this position than without it.

    None for </s>, since no model was trained on a source without its end.
    """
    gradient_by_input: tuple[float, ...]
    """Natural logs, to first order: gradient times embedding. Positive supports the target word."""


class Agreement(NamedTuple):
    """Spearman rank correlations of attention with the other two measures; None where undefined."""

    leave_one_out: float | None
    gradient_by_input: float | None


@dataclass(frozen=True)
class Attributions:
    """Three explanations of one output word, for each source piece and for each source word."""

    target: str
    log_prob: float
    """Natural log-probability of the target word, given its prefix."""
    pieces: AttributionScores
    words: AttributionScores

    @property
    def agreement(self) -> Agreement:
        """How far attention agrees with the other measures on which words matter."""
        return agreement(self.words)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The agreement, as sentences."""
        if self.words.attention is None:
            return ("This model has no attention, so there is nothing to compare.",)
        found = self.agreement
        return (
            f"{agreement_sentence('leave-one-out', found.leave_one_out)} "
            f"{_top_words_sentence(self.words, 'leave-one-out')}",
            f"{agreement_sentence('gradient times input', found.gradient_by_input)} "
            f"{_top_words_sentence(self.words, 'gradient times input')}",
        )


def attribute(session: Session, prefix: Sequence[int], target: Sequence[int]) -> Attributions:
    """Return how much each source piece and word contributed to the target tokens `target` (a piece or a word).

    prefix: the output's prefix, without <s>. It is forced, so only the source varies.
    Raises ConfigError for a photo, or if a token is not in the model's vocabulary.
    """
    sentence = session.require_sentence("An attribution")
    ids = list(sentence.ids)
    if not target:
        raise ConfigError("No word of the output is asked for; name one token or more.")
    session.require_tokens((*prefix, *target))
    pieces = sentence.vocabulary.pieces([*ids, END])
    words = group_words(pieces)
    log_prob, attention, without = _left_out(sentence.model, ids, words, prefix, target)
    slopes = _gradient_by_input(sentence.model, ids, prefix, target)
    by_piece = AttributionScores(
        tuple(pieces), attention, (*(log_prob - without[i, i + 1] for i in range(len(ids))), None), slopes
    )
    by_word = AttributionScores(
        tuple(word.text for word in words),
        None if attention is None else _sums(attention, words),
        (*(log_prob - without[word.first, word.last] for word in words[:-1]), None),
        _sums(slopes, words),
    )
    said = "</s>" if list(target) == [END] else session.text(target)
    return Attributions(said, log_prob, by_piece, by_word)


def agreement(scores: AttributionScores) -> Agreement:
    """Return the rank correlations of attention with the other two; None for fewer than LEAST_WORDS words.

    Three words have the same order by chance once in six times, six words once in 720.
    Attention weights have no sign, so the other measures enter by their absolute values (as in Jain and Wallace
    2019). </s> is excluded, since it can't be left out.
    """
    if scores.attention is None:
        return Agreement(None, None)
    places = [i for i, value in enumerate(scores.leave_one_out) if value is not None]
    if len(places) < LEAST_WORDS:
        return Agreement(None, None)
    attended = [scores.attention[i] for i in places]
    left_out = [abs(value) for value in scores.leave_one_out if value is not None]
    return Agreement(
        spearman(attended, left_out), spearman(attended, [abs(scores.gradient_by_input[i]) for i in places])
    )


def agreement_sentence(measure: str, correlation: float | None) -> str:
    """Return a sentence on how far attention and `measure` agree."""
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


def _top_words_sentence(scores: AttributionScores, measure: str) -> str:
    """Return a sentence on which word ranks first by attention and which by `measure`, </s> excluded.

    Where one word takes nearly all the weight, the ranks of the rest are noise, and this is more informative than
    the correlation.
    """
    values = scores.leave_one_out if measure == "leave-one-out" else scores.gradient_by_input
    sizes = [abs(value) for value in values[:-1] if value is not None]
    attended = list(scores.attention or ())[:-1]
    names = told_apart(scores.labels)
    first, other = attended.index(max(attended)), sizes.index(max(sizes))
    if first == other:
        return f"Both rank {names[first]} first."
    return f"Attention ranks {names[first]} first, {measure} ranks {names[other]} first."


@torch.inference_mode()
def _left_out(
    model: TranslationModel, ids: list[int], words: Sequence[Word], prefix: Sequence[int], target: Sequence[int]
) -> tuple[float, tuple[float, ...] | None, dict[tuple[int, int], float]]:
    """Return the log-probability and attention for the whole source, and log-probabilities without each span.

    Captum's FeatureAblation would replace a piece by a baseline, and a recurrent encoder would still take a step
    there. So each shortened source is encoded separately instead, all in one batch.
    """
    spans = list(dict.fromkeys([(i, i + 1) for i in range(len(ids))] + [(w.first, w.last) for w in words[:-1]]))
    source, mask = (
        part.to(device_of(model))
        for part in source_batch([ids, *(ids[:first] + ids[last:] for first, last in spans)])
    )
    memory = model.encode(source, mask)
    log_probs, attention = _forced(model, memory, prefix, target)
    row = None if attention is None else tuple(attention[0].tolist())
    whole, *shortened = log_probs.tolist()
    return whole, row, dict(zip(spans, shortened, strict=True))


def _gradient_by_input(
    model: TranslationModel, ids: list[int], prefix: Sequence[int], target: Sequence[int]
) -> tuple[float, ...]:
    """Return for each source piece, </s> included, its embedding times the gradient of the log-probability."""
    # The caller may have disabled gradients, and inference-mode tensors can't have any.
    with torch.inference_mode(False), torch.enable_grad(), backward_through_recurrence():
        source, mask = (part.to(device_of(model)) for part in source_batch([ids]))
        embeddings = model.encoder.embedding(source).detach().requires_grad_()
        products = InputXGradient(_log_prob_of_embeddings(model, mask, prefix, target)).attribute(embeddings)
        return tuple(products.sum(2)[0].tolist())


def _log_prob_of_embeddings(
    model: TranslationModel, mask: Tensor, prefix: Sequence[int], target: Sequence[int]
) -> Callable[[Tensor], Tensor]:
    def log_prob(embeddings: Tensor) -> Tensor:
        return _forced(model, model.encode_embeddings(embeddings, mask), prefix, target)[0]

    return log_prob


def _forced(
    model: TranslationModel, memory: Memory, prefix: Sequence[int], target: Sequence[int]
) -> tuple[Tensor, Tensor | None]:
    """Return the log-probability (batch,) of `target` after `prefix`, and its mean attention (batch, source)."""
    decoder = model.decoder
    rows = len(memory)
    decoder_input = memory.mask.new_tensor([START, *prefix, *target[:-1]], dtype=torch.long).expand(rows, -1)
    tokens = decoder_input.new_tensor(target).expand(rows, -1)
    readouts, _, attention = decoder.readouts(decoder_input, memory)
    # Only the steps of `target` need the output layer, the most expensive part of a step.
    log_probs = decoder.logits(readouts[:, len(prefix) :], memory).log_softmax(-1)  # (batch, asked, vocabulary)
    total = log_probs.gather(2, tokens[..., None]).squeeze(2).sum(1)
    return total, None if attention is None else attention[:, len(prefix) :].mean(1)


def _sums(values: Sequence[float], words: Sequence[Word]) -> tuple[float, ...]:
    return tuple(sum(values[word.first : word.last]) for word in words)
