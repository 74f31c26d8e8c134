"""`Translator`: whatever people type, a string comes back."""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given, settings

import seq2seq
from seq2seq.errors import CheckpointError, ConfigError, EmptySourceError, SourceTooLongError
from seq2seq.search import SENTENCE_STRIDE, Beam, Greedy, Sample, SearchOptions
from seq2seq.search.beam import _generators
from seq2seq.segments import LONGEST_SENTENCE, LONGEST_SOURCE
from seq2seq.text import END, normalise, split_sentences
from seq2seq.translation import Translation
from seq2seq.translator import Translator
from tests.text.test_normalise import ANY, TYPED
from tests.tiny import PAIRS

LINES = [source for source, _ in PAIRS]
QUICK = SearchOptions(mode=Greedy(), max_length=3)


@pytest.mark.parametrize("line", ["", " ", "\t\u00a0\u2028", "\x00\x07", "\ud800"])
def test_an_empty_line_gives_an_empty_translation(translator: Translator, line: str) -> None:
    assert translator.translate(["Il dort.", line, "Il mange."], QUICK)[1] == Translation("", 0.0, 0.0, True)


@pytest.mark.parametrize(
    "line",
    [
        "😀👩\u200d🔬🇫🇷",
        "مرحبا بالعالم",
        "你好，世界。",
        "\x1b[31mrouge\x07",
        "\ud83d lone \udc00",
        "<script>alert('x')</script> & **gras** $x$ :red[a]",
        "a\u2028b\u0085c",
        "--help",
        "\u202eabc",
        "é" * 200,
        "mot " * 120,
        "Il dort. " * 1100,
    ],
    ids=lambda line: ascii(line[:12]),
)
def test_strange_lines_give_a_string(translator: Translator, line: str) -> None:
    (found,) = translator.translate([line], QUICK)
    assert isinstance(found.text, str)
    assert normalise(found.text) == found.text
    assert found.log_prob <= 0  # 0 for text that is copied


@pytest.mark.parametrize(
    "line", ["x" * 10_000, "mot " * 2500, "你" * 10_000, "." * 10_000], ids=["x", "mot", "chinese", "dots"]
)
def test_what_has_no_end_is_one_clear_error_after_all_other_lines(translator: Translator, line: str) -> None:
    stream = translator.stream(["Il dort.", "", line, "Il mange."], QUICK)
    texts = [next(stream)[0].text for _ in range(4)]
    assert texts[1:3] == ["", ""]
    assert texts[3] == translator.translate(["Il mange."], QUICK)[0].text
    with pytest.raises(SourceTooLongError, match=r"^Line 3: The sentence .* pieces and 500 is the most") as caught:
        next(stream)
    assert len(str(caught.value).splitlines()) == 1


@settings(max_examples=60)
@given(ANY | TYPED)
def test_any_text_gives_one_line(translator: Translator, line: str) -> None:
    (found,) = translator.translate([line], QUICK)
    assert len(found.text.splitlines()) <= 1


@settings(max_examples=60)
@given(ANY | TYPED)
@example("0Ù")  # capitals are read in their usual case, which has fewer pieces
def test_segments_are_never_too_long_and_lose_nothing(translator: Translator, line: str) -> None:
    def encode(text: str) -> list[int]:
        return translator.checkpoint.source.encode(translator.prepared(text).masked.text)

    long = line * min(40, LONGEST_SENTENCE // (len(encode(line)) + 2))
    segments = translator.segments(long)
    assert all(0 < len(encode(segment)) <= LONGEST_SOURCE for segment in segments)
    assert "".join("".join(segments).split()) == "".join(
        "".join(normalise(each).split()) for each in long.splitlines()
    )


def test_several_sentences_are_translated_each_and_joined(translator: Translator) -> None:
    options = translator.options(Beam(size=3), n_best=2)
    parts = [translator.translate([line], options)[0] for line in LINES[:3]]
    (whole,) = translator.translate([" ".join(LINES[:3])], options)
    assert whole.text == " ".join(part.text for part in parts if part.text)
    assert whole.log_prob == pytest.approx(sum(part.log_prob for part in parts), abs=1e-4)
    assert whole.score == pytest.approx(sum(part.score for part in parts), abs=1e-4)
    assert whole.finished == all(part.finished for part in parts)


def test_lines_keep_their_order_and_their_neighbours_change_nothing(translator: Translator) -> None:
    lines = [line for line in LINES for _ in range(2)] + ["", *LINES[::-1]]
    together = translator.translate(lines)
    for line, found in zip(lines, together, strict=True):
        (alone,) = translator.translate([line])
        assert found.text == alone.text
        assert found.log_prob == pytest.approx(alone.log_prob, abs=1e-4)


@pytest.mark.parametrize("place", [0, 3, 11])
def test_a_sample_of_a_line_is_the_same_in_a_file_and_alone(translator: Translator, place: int) -> None:
    options = translator.options(Sample(seed=5), max_length=12)
    together = translator.translate(LINES, options)
    ((alone,),) = translator.stream([LINES[place]], options, first_line=place)
    assert alone.text == together[place].text
    other = translator.translate(LINES, translator.options(Sample(seed=6), max_length=12))
    assert [one.text for one in other] != [one.text for one in together]


def test_no_sentence_of_a_line_draws_like_that_of_another_line() -> None:
    lines = [line + sentence * SENTENCE_STRIDE for line in range(200) for sentence in range(5)]
    assert len({one.initial_seed() for one in _generators(Sample(seed=3), lines)}) == len(lines)


def test_a_stream_reads_no_further_than_it_must(translator: Translator) -> None:
    numbers = count()
    lines = (f"Il dort {number}" for number in numbers)
    stream = translator.stream(lines, QUICK)
    next(stream)
    assert next(numbers) < 5000


def test_a_score_is_the_log_prob_of_the_search(translator: Translator) -> None:
    for source, target in PAIRS:
        ids = translator.checkpoint.target.encode(target)
        options = SearchOptions(mode=Greedy(), prefix=(*ids, END), max_length=len(ids) + 1)
        (values,) = translator.score([(source, target)])
        trace = translator.trace(source, options=options)
        assert (trace.best.text, trace.best.finished) == (target, True)
        assert sum(values) == pytest.approx(trace.best.log_prob, abs=1e-4)


def test_scores_do_not_depend_on_the_batch(translator: Translator) -> None:
    together = translator.score(PAIRS)
    for pair, values in zip(PAIRS, together, strict=True):
        assert translator.score([pair])[0] == pytest.approx(values, abs=1e-4)
        assert len(values) == len(translator.checkpoint.target.encode(pair[1])) + 1
    assert translator.score([]) == []
    assert len(translator.score([("Il dort.", "")])[0]) == 1


def test_a_trace_and_a_translation_agree(translator: Translator) -> None:
    for line in LINES:
        (found,) = translator.translate([line])
        best = translator.trace(line).best
        assert (best.text, best.finished) == (found.text, found.finished)
        assert (best.log_prob, best.normalised) == pytest.approx((found.log_prob, found.score), abs=1e-4)


def test_threads_get_their_own_traces(translator: Translator) -> None:
    with ThreadPoolExecutor(2) as pool:
        shared = list(pool.map(translator.trace, LINES))
    assert shared == [translator.trace(line) for line in LINES]


def test_what_can_not_be_traced_or_scored_is_a_clear_error(translator: Translator) -> None:
    with pytest.raises(EmptySourceError, match="nothing to translate"):
        translator.trace(" \u2028 ")
    with pytest.raises(SourceTooLongError, match="a trace takes 100"):
        translator.trace("mot " * 300)
    with pytest.raises(EmptySourceError, match="empty source"):
        translator.score([("Il dort.", "He sleeps."), ("", "He sleeps.")])


def test_impossible_options_are_a_clear_error(translator: Translator) -> None:
    for options in ({"n_best": 0}, {"beam": 3}, {"min_length": 0}):
        with pytest.raises(ConfigError, match="search options"):
            translator.options(**options)
    for size in (0, -1, 10_000):
        with pytest.raises(ConfigError, match=f"size = {size} is not possible"):
            translator.trace("Il dort.", beam_size=size)
    with pytest.raises(ConfigError, match="alpha"):
        translator.trace("Il dort.", alpha=float("nan"))


def test_the_notebook_interface_loads_a_folder(tiny_checkpoint: object) -> None:
    model = seq2seq.load(str(tiny_checkpoint))
    assert model.name == "tiny"
    assert model.options().mode == Beam(size=5, alpha=0.6)
    with pytest.raises(CheckpointError):
        seq2seq.load("/nowhere/at/all")


# -- what a notebook gives in place of a list of lines -----------------------------------------------------------


def test_a_lone_text_is_one_line(translator: Translator) -> None:
    assert translator.translate("Il fait froid.") == translator.translate(["Il fait froid."])
    assert len(list(translator.stream("Il fait froid."))) == 1


@pytest.mark.parametrize(
    "lines",
    [
        None,
        3,
        b"Bonjour.",
        {"Bonjour."},
        {"Bonjour.": 1},
        bytearray(b"x"),
        np.array("x"),
        [None],
        ["Bonjour.", 3],
        [b"Bonjour."],
        [["Bonjour."]],
    ],
)
def test_what_is_no_text_is_the_project_s_error(translator: Translator, lines: Any) -> None:
    with pytest.raises(ConfigError, match="give a list of strings"):
        translator.translate(lines)
    with pytest.raises(ConfigError, match="give a list of strings"):
        list(translator.stream(lines))


@pytest.mark.parametrize(
    "pairs", [None, "ab", b"ab", ["ab"], [("a",)], [("a", None)], [("a", "b", "c")], ("ab", "cd")]
)
def test_what_is_no_pair_is_the_project_s_error(translator: Translator, pairs: Any) -> None:
    with pytest.raises(ConfigError):
        translator.score(pairs)


def test_a_sentence_that_is_none_can_not_be_traced(translator: Translator) -> None:
    for text in (None, 3, ["Bonjour."]):
        with pytest.raises(ConfigError, match="not text"):
            translator.trace(cast(Any, text))
        with pytest.raises(ConfigError, match="not text"):
            translator.segments(cast(Any, text))


def test_one_line_that_is_too_long_does_not_lose_the_others(translator: Translator) -> None:
    with pytest.warns(UserWarning, match=r"Line 2: The sentence .* All other lines are translated"):
        found = translator.translate(["Il dort.", "x" * 3000, "Elle dort."])
    assert [one.text for one in found[::2]] == [
        one.text for one in translator.translate(["Il dort.", "Elle dort."])
    ]
    assert (found[1].text, found[1].finished) == ("", False)


# -- scores of whole lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Il fait froid.",
        "Il fait froid. Je suis là.",
        "Où est le chien ? Il dort. Elle mange une pomme.",
        " ".join(["chien"] * 120) + ".",
    ],
)
@pytest.mark.parametrize("beam", [1, 3])
def test_a_line_scores_what_its_translation_says(translator: Translator, line: str, beam: int) -> None:
    options = SearchOptions(mode=Beam(size=beam), max_length=8)
    [best] = translator.stream([line], options)
    parts = [next(translator.stream([part], options))[0].text for part in translator.segments(line)]
    if best[0].finished and len(split_sentences(best[0].text)) == len(parts) == len([p for p in parts if p]):
        [scores] = translator.score([(line, best[0].text)])
        assert sum(scores) == pytest.approx(best[0].log_prob, abs=1e-3)


def test_each_sentence_is_scored_beside_its_own_part(translator: Translator) -> None:
    one, other = ("Il fait froid.", "It is cold."), ("Je suis là.", "I am here.")
    whole = translator.score([(f"{one[0]} {other[0]}", f"{one[1]} {other[1]}")])[0]
    assert whole == pytest.approx([*translator.score([one])[0], *translator.score([other])[0]], abs=1e-5)


def test_a_target_with_another_number_of_sentences_is_cut_where_it_is_likeliest(translator: Translator) -> None:
    sources = ["Il fait froid.", "Je suis là."]
    pieces = ["It is.", "It is cold.", "I am here."]
    [found] = translator.score([(" ".join(sources), " ".join(pieces))])
    cuts = [(" ".join(pieces[:cut]), " ".join(pieces[cut:])) for cut in range(4)]
    totals = [sum(map(sum, translator.score([(sources[0], a), (sources[1], b)]))) for a, b in cuts]
    assert sum(found) == pytest.approx(max(totals), abs=1e-4)
    [fewer] = translator.score([(" ".join(sources), "it is cold and here")])
    assert math.isfinite(sum(fewer))
    assert translator.score([(" ".join(sources), " ".join(["cold"] * 300))])[0]


def test_scores_have_the_limits_of_translations(translator: Translator) -> None:
    with pytest.raises(SourceTooLongError, match="500 is the most"):
        translator.score([("x" * 3000, "It is cold.")])
    with pytest.raises(SourceTooLongError, match="no translation has 1,000"):
        translator.score([("Il fait froid.", "y" * 3000)])
