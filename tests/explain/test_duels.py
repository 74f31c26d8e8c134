"""Two searches side by side."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.errors import TraceError
from seq2seq.explain import DuelSide, drop_word, duel, swap_words
from seq2seq.explain.duels import OutputWord, _rows
from seq2seq.search import Greedy
from seq2seq.session import Session
from seq2seq.text import END, Tokenizer, group_words
from seq2seq.trace import Trace
from seq2seq.translator import Translator
from tests.explain.translators import READINGS, Tokenizers, made
from tests.tiny import PAIRS

SOURCE = PAIRS[7][0]


def steps_of(trace: Trace) -> list[int]:
    return [trace.nodes.token[node] for node in trace.path(trace.best.leaf)]


def side(translator: Translator, text: str = SOURCE, **search: Any) -> DuelSide:
    return DuelSide(translator.session(text), translator.trace(text, **search))


def test_a_side_against_itself_never_parts(translator: Translator) -> None:
    found = duel(side(translator), side(translator))
    assert found.divergence is None
    assert found.opinions == (None, None)
    assert found.sentences == ("Both say the same.",)
    assert all(row.same for row in found.rows)


@pytest.mark.parametrize("text", [source for source, _ in PAIRS])
@pytest.mark.parametrize("changes", READINGS[1:3], ids=str)
def test_each_side_s_opinion_is_forced_scoring_of_the_other_s_output(
    tokenizers: Tokenizers, changes: dict[str, Any], text: str
) -> None:
    one, other = side(made(tokenizers), text, beam_size=3), side(made(tokenizers, **changes), text, beam_size=3)
    found = duel(one, other)
    assert found.divergence is not None
    for own, theirs, opinion in ((one, other, found.opinions[0]), (other, one, found.opinions[1])):
        if opinion is None:
            assert not (own.trace.best.finished and theirs.trace.best.finished)
            continue
        said, heard = steps_of(own.trace), steps_of(theirs.trace)
        place = [a == b for a, b in zip(said, heard, strict=False)].index(False)
        for tokens, total, at in (
            (said, opinion.own_total, opinion.own_log_prob),
            (heard, opinion.their_total, opinion.their_log_prob),
        ):
            (values,) = own.session.score([[t for t in tokens if t != END]])
            assert total == pytest.approx(sum(values[: len(tokens)]), abs=1e-4)
            assert at == pytest.approx(values[place], abs=1e-5)
        assert opinion.own_total == pytest.approx(own.trace.best.log_prob, abs=1e-4)
        assert opinion.their_rank == rank_by_hand(own.session, heard[: place + 1])
        if opinion.what_if is not None:
            assert steps_of(opinion.what_if)[: place + 1] == heard[: place + 1]


@torch.inference_mode()
def rank_by_hand(session: Session, tokens: list[int]) -> int:
    """Return where the last token stands among all that may come there."""
    logits = session.decoder.unroll(torch.tensor([[1, *tokens[:-1]]]), session.memory).logits[0, -1].tolist()
    order = sorted(range(2, len(logits)), key=lambda token: (-logits[token], token))
    return order.index(tokens[-1]) + 1


@pytest.mark.parametrize("text", [source for source, _ in PAIRS[:6]])
def test_different_vocabularies_meet_in_text(tokenizers: Tokenizers, text: str) -> None:
    source, _ = tokenizers
    characters = Tokenizer.train([target for _, target in PAIRS], "char", 60)
    one, other = side(made(tokenizers), text), side(made((source, characters)), text)
    found = duel(one, other)
    assert found.divergence is not None
    first, second = found.opinions
    if first is not None and other.trace.best.finished:
        tokens = one.session.vocabulary.encode(other.trace.best.text)
        if not found.common:  # otherwise what both share is kept in the pieces in which it was said
            (values,) = one.session.score([one.session.tokens(one.session.vocabulary.decode(tokens))])
            assert first.their_total == pytest.approx(sum(values), abs=1e-4)
        assert math.isfinite(first.their_log_prob)
    if second is not None:
        assert len(second.their_piece.strip("▁")) <= 1 or second.their_piece == "</s>"
        assert second.their_rank <= len(characters)


def test_the_other_s_word_is_carried_on(translator: Translator) -> None:
    one, other = side(translator), side(translator, drop_word(side(translator).trace.source, 1))
    found = duel(one, other)
    assert found.divergence is not None
    assert found.opinions[0] is not None
    for own, opinion in zip((one, other), found.opinions, strict=True):
        assert opinion is not None
        assert opinion.what_if is not None
        assert opinion.what_if.source == own.trace.source
        assert opinion.what_if.best.text.startswith((found.common + " " + opinion.their_word).strip()[:3])
    assert found.sentences[0].startswith("They part ")
    assert len(found.sentences) == 3


def test_an_output_that_was_cut_off_has_no_word_to_judge(translator: Translator) -> None:
    whole = side(translator, beam_size=1)
    assert len(steps_of(whole.trace)) > 3
    options = translator.options(Greedy(), max_length=2)
    short = DuelSide(translator.session(SOURCE), translator.trace(SOURCE, options=options))
    found = duel(whole, short)
    assert found.divergence is not None
    assert found.opinions == (None, None)


def test_any_of_the_outputs_can_be_meant(translator: Translator) -> None:
    trace = translator.trace(SOURCE, beam_size=4)
    for place, output in enumerate(trace.hypotheses):
        found = duel(
            DuelSide(translator.session(SOURCE), trace, place), DuelSide(translator.session(SOURCE), trace)
        )
        assert (found.divergence is None) == (output.text == trace.best.text)
        said = [row.one.text for row in found.rows if row.one is not None]
        path = [trace.nodes.piece[node] for node in trace.path(output.leaf)]
        assert said == [word.text for word in group_words(path)]


def test_a_trace_of_another_model_is_refused(translator: Translator) -> None:
    own = side(translator)
    foreign = own.trace.model_copy(
        update={"model": own.trace.model.model_copy(update={"digest": "1", "name": "x"})}
    )
    with pytest.raises(TraceError, match=r"^This trace was made by the model x, which is not the tiny at hand"):
        duel(own, DuelSide(translator.session(SOURCE), foreign))


def output_words(words: str) -> list[OutputWord]:
    return [OutputWord(word, -0.5, place, place) for place, word in enumerate(words, 1)]


def shown(one: str, other: str) -> list[str]:
    common = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rows = _rows(output_words(one), output_words(other), common)
    return [(row.one.text if row.one else "-") + (row.other.text if row.other else "-") for row in rows]


def test_behind_the_parting_equal_words_stand_beside_each_other_again() -> None:
    assert shown("abxyd", "abyd") == ["aa", "bb", "x-", "yy", "dd"]
    assert shown("abc", "axc") == ["aa", "bx", "cc"]
    assert shown("ab", "abc") == ["aa", "bb", "-c"]
    # The longest run of equal words must not pull the common beginning apart.
    assert shown("xpqr", "xxpqr")[0] == "xx"


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_the_rows_lose_no_word_and_keep_the_order(one: str, other: str) -> None:
    pairs = shown(one, other)
    assert "".join(pair[0] for pair in pairs).replace("-", "") == one
    assert "".join(pair[1] for pair in pairs).replace("-", "") == other
    assert "--" not in pairs


def test_words_dropped_and_exchanged(translator: Translator) -> None:
    source = translator.trace("J'ai un chien et l'eau est froide.").source
    assert source.words == ["J'", "ai", "un", "chien", "et", "l'", "eau", "est", "froide", ".", "</s>"]
    assert drop_word(source, 3) == "J'ai un et l'eau est froide."
    assert drop_word(source, 0) == "ai un chien et l'eau est froide."
    assert drop_word(source, 5) == "J'ai un chien et eau est froide."
    assert drop_word(source, 9) == "J'ai un chien et l'eau est froide"
    assert swap_words(source, 3, 8) == "J'ai un froide et l'eau est chien."
    assert swap_words(source, 2, 2) == source.text
