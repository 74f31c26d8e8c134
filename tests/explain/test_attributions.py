"""Leave-one-out and gradients, each against a slow way to get the same numbers."""

from itertools import pairwise

import pytest
import torch

from seq2seq.data.batches import source_batch
from seq2seq.errors import ConfigError, EmptySourceError
from seq2seq.explain import AttributionScores, agreement, attribute, drop_word
from seq2seq.explain.attributions import agreement_sentence
from seq2seq.models.memory import Memory
from seq2seq.search import forced_log_probs
from seq2seq.text import END, group_words
from seq2seq.trace import alignment, text_source
from seq2seq.translator import Translator
from tests.explain.translators import READINGS, Tokenizers, made, reading

SOURCE, TARGET = "Elle mange une pomme, puis elle dort.", "She eats an apple, then she sleeps."


def target_words(translator: Translator, text: str) -> list[tuple[list[int], list[int]]]:
    """Return for each word of a target the tokens before it and its own, and so for </s>."""
    tokens = [*translator.checkpoint.target.encode(text), END]
    words = group_words(translator.checkpoint.target.pieces(tokens))
    return [(tokens[: word.first], tokens[word.first : word.last]) for word in words]


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_leaving_a_word_out_is_scoring_the_shortened_sentence(
    tokenizers: Tokenizers, changes: dict[str, object]
) -> None:
    translator = made(tokenizers, **changes)
    pieces = translator.checkpoint.source.pieces([*translator.source_ids(SOURCE), END])
    source = text_source(SOURCE, pieces)
    (whole,) = translator.score([(SOURCE, TARGET)])
    compared = 0
    for before, asked in target_words(translator, TARGET):
        found = attribute(translator.session(SOURCE), before, asked)
        own = slice(len(before), len(before) + len(asked))
        assert found.log_prob == pytest.approx(sum(whole[own]), abs=1e-5)
        for place, (first, last) in enumerate(pairwise(source.starts)):
            shorter = drop_word(source, place)
            ids = translator.source_ids(SOURCE)
            if translator.source_ids(shorter) != ids[:first] + ids[last:]:
                continue  # what is left is written in other pieces
            (without,) = translator.score([(shorter, TARGET)])
            assert found.words.leave_one_out[place] == pytest.approx(sum(whole[own]) - sum(without[own]), abs=1e-5)
            compared += 1
    assert compared > 20


def test_leaving_a_piece_out_is_forced_decoding_without_it(translator: Translator) -> None:
    ids = translator.source_ids(SOURCE)
    tokens = translator.checkpoint.target.encode(TARGET)
    found = attribute(translator.session(SOURCE), tokens[:3], tokens[3:5])

    def log_prob(source: list[int]) -> float:
        (values,) = forced_log_probs(translator.model.decoder, translator.encode([source]), [tokens])
        return sum(values[3:5])

    for place in range(len(ids)):
        expected = log_prob(ids) - log_prob(ids[:place] + ids[place + 1 :])
        assert found.pieces.leave_one_out[place] == pytest.approx(expected, abs=1e-5)
    assert found.pieces.leave_one_out[-1] is None
    assert found.words.leave_one_out[-1] is None
    assert len(found.pieces.labels) == len(ids) + 1


def test_encoding_embeddings_is_encoding_their_ids(translator: Translator) -> None:
    ids, mask = source_batch([[5, 6, 7, 8], [9]])
    with torch.inference_mode():
        expected = translator.model.encode(ids, mask)
        found = translator.model.encode_embeddings(translator.model.encoder.embedding(ids), mask)
    for name in ("states", "mask", "keys", "embeddings"):
        assert torch.equal(getattr(found, name), getattr(expected, name))
    assert torch.equal(found.initial.vector(), expected.initial.vector())


@pytest.mark.parametrize("changes", READINGS, ids=reading)
def test_gradient_times_input_is_the_slope_along_each_embedding(
    tokenizers: Tokenizers, changes: dict[str, object]
) -> None:
    translator = made(tokenizers, **changes)
    model = translator.model.double()
    tokens = translator.checkpoint.target.encode(TARGET)
    before, asked = tokens[:2], tokens[2:4]
    found = attribute(translator.session(SOURCE), before, asked)
    ids, mask = source_batch([translator.source_ids(SOURCE)])

    @torch.inference_mode()
    def log_prob(scale: torch.Tensor) -> float:
        memory: Memory = model.encode_embeddings(model.encoder.embedding(ids) * scale[None, :, None], mask)
        (values,) = forced_double(translator, memory, [*before, *asked])
        return float(values[2:4].sum())

    step = 1e-5
    ones = torch.ones(ids.shape[1], dtype=torch.float64)
    for place in range(ids.shape[1]):
        nudge = torch.zeros_like(ones)
        nudge[place] = step
        slope = (log_prob(ones + nudge) - log_prob(ones - nudge)) / (2 * step)
        assert found.pieces.gradient_by_input[place] == pytest.approx(slope, abs=1e-6)
    # All together: the slope along the source as a whole.
    whole = (log_prob(ones * (1 + step)) - log_prob(ones * (1 - step))) / (2 * step)
    assert sum(found.pieces.gradient_by_input) == pytest.approx(whole, abs=1e-6)


def forced_double(translator: Translator, memory: Memory, tokens: list[int]) -> torch.Tensor:
    """Return log-probabilities (1, target) of tokens in the model's own precision."""
    decoder_input = torch.tensor([[1, *tokens[:-1]]])
    log_probs = translator.model.decoder.unroll(decoder_input, memory).logits.log_softmax(-1)
    return log_probs.gather(2, torch.tensor([tokens])[..., None]).squeeze(2)


@pytest.mark.parametrize("place", range(4))
def test_words_add_up_their_pieces_and_attention_is_that_of_the_trace(translator: Translator, place: int) -> None:
    trace = translator.trace(SOURCE, beam_size=3)
    path = trace.path(trace.best.leaf)
    tokens = [trace.nodes.token[node] for node in path]
    words = group_words([trace.nodes.piece[node] for node in path])
    word = words[min(place, len(words) - 1)]
    found = attribute(translator.session(SOURCE), tokens[: word.first], tokens[word.first : word.last])
    looked = alignment(trace, trace.best.leaf)
    assert looked is not None
    assert found.words.labels == tuple(looked.source)
    assert found.words.attention == pytest.approx(looked.weights[words.index(word)], abs=1e-3)
    edges = [*trace.source.starts, len(trace.source.pieces)]
    for which in ("attention", "gradient_by_input"):
        pieces = getattr(found.pieces, which)
        sums = [sum(pieces[a:b]) for a, b in pairwise(edges)]
        assert getattr(found.words, which) == pytest.approx(sums)
    assert found.log_prob == pytest.approx(
        sum(trace.nodes.log_prob[node] for node in path[word.first : word.last]), abs=1e-5
    )


def test_it_leaves_the_model_alone_and_runs_where_gradients_are_off(translator: Translator) -> None:
    with torch.inference_mode():
        one = attribute(translator.session(SOURCE), [], [5])
    assert one == attribute(translator.session(SOURCE), [], [5])
    assert all(parameter.grad is None for parameter in translator.model.parameters())
    assert not translator.model.training


def test_a_source_of_one_word_and_an_asked_end_have_an_answer(translator: Translator) -> None:
    (lone,) = translator.source_ids("chien")[:1]
    text = translator.checkpoint.source.decode([lone])
    found = attribute(translator.session(text), [], [END])
    assert found.target == "</s>"
    assert found.agreement == (None, None)
    assert all("can't be compared" in sentence for sentence in found.sentences)


def test_a_model_without_attention_says_so(tokenizers: Tokenizers) -> None:
    found = attribute(made(tokenizers, attention="none").session(SOURCE), [], [7])
    assert found.pieces.attention is None
    assert found.words.attention is None
    assert found.sentences == ("This model has no attention, so there is nothing to compare.",)
    assert any(found.words.gradient_by_input)


def test_agreement_is_on_sizes_and_leaves_the_end_aside() -> None:
    scores = AttributionScores(
        labels=("a", "b", "c", "d", "e", "f", "</s>"),
        attention=(0.01, 0.02, 0.03, 0.04, 0.1, 0.2, 0.6),
        leave_one_out=(-0.1, -2.0, 3.0, 4.0, -5.0, 6.0, None),
        gradient_by_input=(-6.0, 5.0, 4.0, -3.0, 2.0, 1.0, 9.0),
    )
    assert agreement(scores) == pytest.approx((1.0, -1.0))
    # Of few words a rank correlation says nothing: five have the same order by chance once in 120 times.
    few = AttributionScores(*(part[1:] for part in (scores.labels, scores.attention or (), *scores[2:])))
    assert agreement(few) == (None, None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.82, "agree on which words matter: rank correlation 0.82."),
        (0.4, "agree in part on which words matter: rank correlation 0.40."),
        (-0.1, "disagree on which words matter: rank correlation −0.10."),
        (-0.75, "say the opposite of each other: rank correlation −0.75."),
        (None, "can't be compared by rank: that takes 6 words that differ."),
    ],
)
def test_a_correlation_in_words(value: float | None, words: str) -> None:
    assert agreement_sentence("leave-one-out", value) == f"Attention and leave-one-out {words}"


def test_what_can_not_be_asked_is_one_clear_error(translator: Translator) -> None:
    with pytest.raises(ConfigError, match=r"^No word of the output is asked for"):
        attribute(translator.session(SOURCE), [5], [])
    with pytest.raises(ConfigError, match=r"^The output has token 99999, the last one is"):
        attribute(translator.session(SOURCE), [99999], [5])
    with pytest.raises(EmptySourceError):
        attribute(translator.session(" "), [], [5])
