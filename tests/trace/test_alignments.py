"""Where an output looks, word by word and in sentences."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.search import Beam
from seq2seq.text import group_words
from seq2seq.trace import Trace, alignment, looks_at
from seq2seq.trace.alignments import by_source_word
from seq2seq.trace.view import word_attention
from seq2seq.translator import Translator
from tests.explain.translators import made
from tests.fakes import table
from tests.tiny import PAIRS
from tests.trace.test_record import options_of, traced
from tests.viz.traces import photo


@pytest.mark.parametrize("text", [source for source, _ in PAIRS])
def test_weights_are_summed_over_source_pieces_and_averaged_over_target_pieces(
    translator: Translator, text: str
) -> None:
    trace = translator.trace(text, beam_size=3)
    for one in trace.hypotheses:
        found = alignment(trace, one.leaf)
        assert found is not None
        path = trace.path(one.leaf)
        rows = [word_attention(trace, trace.nodes.parent[node]) for node in path]
        words = group_words([trace.nodes.piece[node] for node in path])
        assert found.target == [word.text for word in words]
        assert found.source == trace.source.words
        assert found.steps == [trace.nodes.step[path[word.first]] for word in words]
        for word, weights in zip(words, found.weights, strict=True):
            for place, weight in enumerate(weights):
                looked = [row[place] for row in rows[word.first : word.last] if row is not None]
                assert weight == pytest.approx(sum(looked) / (word.last - word.first))
            assert sum(weights) == pytest.approx(1, abs=1e-3)


def test_by_piece_it_is_the_trace_s_own_rows(translator: Translator) -> None:
    trace = translator.trace(PAIRS[3][0])
    found = alignment(trace, trace.best.leaf, words=False)
    assert found is not None
    assert trace.expanded.attention is not None
    path = trace.path(trace.best.leaf)
    assert found.target == [trace.nodes.piece[node] for node in path]
    assert found.source == trace.source.pieces
    assert found.steps == list(range(1, len(path) + 1))
    for node, row in zip(path, found.weights, strict=True):
        assert row == trace.expanded.attention[trace.expanded.node.index(trace.nodes.parent[node])]


def small(rows: list[list[float]], words: list[str]) -> Trace:
    """Return a trace of the output "a b a" over the source le, chat, le, </s>, with these rows and words."""
    decoder = table({(): {4: 1.0}, (4,): {5: 1.0}, (4, 5): {4: 1.0}}, 6)
    trace = traced(decoder, options_of(Beam(size=1), 1), length=4)
    pieces = {4: words[0], 5: words[1]}
    shown = [pieces.get(token, "</s>") for token in trace.nodes.token]
    return trace.model_copy(
        update={
            "source": trace.source.model_copy(
                update={"pieces": ["▁le", "▁chat", "▁le", "</s>"], "words": ["le", "chat", "le", "</s>"]}
            ),
            "nodes": trace.nodes.model_copy(update={"piece": shown}),
            "expanded": trace.expanded.model_copy(update={"attention": rows}),
        }
    )


ROWS = [[0.1, 0.78, 0.12, 0.0], [0.45, 0.05, 0.3, 0.2], [0.14, 0.14, 0.13, 0.59], [0.0, 0.0, 0.0, 1.0]]


def test_sentences_say_where_a_word_looks_and_number_repeated_words() -> None:
    trace = small(ROWS, ["▁cold", "▁is"])
    assert looks_at(trace, trace.best.leaf) == [
        "“cold” (1) looks 78 % at “chat”.",
        "“is” looks 45 % at “le” (1), 30 % at “le” (2) and 20 % at the end of the sentence.",
        "“cold” (2) looks 59 % at the end of the sentence.",
    ]


def test_a_word_of_two_pieces_looks_where_its_pieces_look_on_average() -> None:
    trace = small(ROWS, ["▁cold", "er"])
    found = alignment(trace, trace.best.leaf)
    assert found is not None
    assert found.target == ["colder", "cold", "</s>"]
    assert found.steps == [1, 3, 4]
    assert found.weights[0] == pytest.approx([0.275, 0.415, 0.21, 0.1])
    assert (
        looks_at(trace, trace.best.leaf)[0]
        == "“colder” looks 42 % at “chat”, 28 % at “le” (1) and 21 % at “le” (2)."
    )
    assert looks_at(trace, trace.best.leaf, words=False)[1].startswith("“er” looks 45 % at “le” (1)")


def test_scattered_attention_is_called_so() -> None:
    rows = [[0.3, 0.1, 0.1, 0.1], *ROWS[1:]]
    trace = small(rows, ["▁a", "▁b"])
    assert looks_at(trace, trace.best.leaf)[0] == "“a” (1) looks at many words a little, most at “le” (1) (30 %)."


def test_the_root_looks_nowhere_and_no_attention_is_none(translator: Translator) -> None:
    trace = translator.trace("Il dort.")
    root = alignment(trace, 0)
    assert root is not None
    assert root.target == root.weights == looks_at(trace, 0) == []
    with pytest.raises(ConfigError, match=r"^The trace has no node 9999; its nodes are numbered 0 to"):
        alignment(trace, 9999)


def test_a_model_without_attention_looks_nowhere(translator: Translator) -> None:
    checkpoint = translator.checkpoint
    blind = made((checkpoint.source, checkpoint.target), attention="none").trace("Il dort.")
    assert alignment(blind, blind.best.leaf) is None
    assert looks_at(blind, blind.best.leaf) == []


def test_a_row_by_source_word_keeps_its_sum(translator: Translator) -> None:
    trace = translator.trace(PAIRS[3][0])
    row = [1.0 + place for place in range(len(trace.source.pieces))]
    found = by_source_word(trace, row)
    assert len(found) == len(trace.source.words)
    assert sum(found) == sum(row)


def test_of_a_photo_it_is_regions_that_are_looked_at() -> None:
    told = looks_at(photo(8, 8), photo(8, 8).best.leaf)
    assert told
    assert all("region" in each and "word" not in each for each in told)
