"""What-if searches and the words that people type to force them."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.explain import path_tokens, typed_tokens, what_if
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.text import END, Tokenizer, VocabularyKind
from seq2seq.trace import History, Trace
from seq2seq.translator import Translator
from tests.tiny import PAIRS

LINE = "Où est le chien ?"
OPTIONS = SearchOptions(mode=Beam(size=3), n_best=3)


def test_every_hypothesis_begins_as_forced_and_the_trace_says_so(translator: Translator) -> None:
    prefix = translator.checkpoint.target.encode("The cat")
    trace = what_if(translator.session(LINE), OPTIONS, prefix)
    for one in trace.hypotheses:
        assert path_tokens(trace, one.leaf)[: len(prefix)] == tuple(prefix)
    assert trace.edits[-1].prefix == trace.options.prefix == tuple(prefix)
    assert Trace.from_json(trace.to_json()) == trace


def test_continuing_from_a_node_of_the_winner_ends_with_it(translator: Translator) -> None:
    greedy = translator.trace(LINE, options=SearchOptions(mode=Greedy()))
    path = greedy.path(greedy.best.leaf)
    again = what_if(translator.session(LINE), greedy.options, path_tokens(greedy, path[len(path) // 2]))
    assert path_tokens(again, again.best.leaf) == path_tokens(greedy, greedy.best.leaf)
    assert path_tokens(greedy, 0) == ()


def test_a_trace_is_made_again_from_its_edits(translator: Translator) -> None:
    pieces = len(translator.trace(LINE).source.pieces)
    history = History().edit(translator.checkpoint.target.encode("The"))
    history = history.edit(translator.checkpoint.target.encode("The dog"), {2: [1 / pieces] * pieces}, "even")
    trace = translator.trace(LINE, options=OPTIONS, edits=history.lineage())
    assert trace.edits == history.lineage()
    read = Trace.from_json(trace.to_json())
    assert translator.trace(read.source.text, options=read.options, edits=read.edits) == trace


def test_replaced_attention_is_in_the_trace_and_changes_what_is_said(translator: Translator) -> None:
    plain = translator.trace(LINE, options=OPTIONS)
    row = [0.0] * (len(plain.source.pieces) - 1) + [1.0]
    trace = what_if(translator.session(LINE), OPTIONS, (), {1: row})
    assert trace.expanded.attention is not None
    assert trace.expanded.attention[0] == row
    assert trace.expanded.entropy[0] != plain.expanded.entropy[0]


def test_edits_that_do_not_fit_a_trace_are_a_clear_error(translator: Translator) -> None:
    with pytest.raises(ConfigError, match="after its end token"):
        what_if(translator.session(LINE), OPTIONS, (5, END, 6))
    with pytest.raises(ConfigError, match="step 1 has 1 weights"):
        what_if(translator.session(LINE), OPTIONS, (), {1: [1.0]})
    with pytest.raises(ConfigError, match="the last one is"):
        what_if(translator.session(LINE), OPTIONS, (9999,))


@pytest.fixture(scope="module", params=["bpe", "unigram", "word", "char"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    kind: VocabularyKind = request.param
    sizes = {"bpe": 340, "unigram": 340, "word": 60, "char": 60}
    return Tokenizer.train([target for _, target in PAIRS], kind, sizes[kind])


@pytest.mark.parametrize(
    ("before", "typed", "text"),
    [
        ("", "The", "The"),
        ("The", "dog", "The dog"),
        ("The", "  dog ", "The dog"),
        ("The dog", "sleeps on", "The dog sleeps on"),
        ("The dog", ".", "The dog."),
        ("Where is the dog", "?", "Where is the dog?"),
        ("", "What is", "What is"),
    ],
)
def test_typed_words_are_spelt_as_they_follow(tokenizer: Tokenizer, before: str, typed: str, text: str) -> None:
    prefix = tokenizer.encode(before)
    tokens = typed_tokens(tokenizer, prefix, typed)
    assert tokens
    assert tokenizer.decode([*prefix, *tokens]) == text


def test_a_dot_stands_for_the_rest_of_a_word(tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    _, tokenizer = tokenizers
    prefix = tokenizer.encode("I")
    assert tokenizer.decode([*prefix, *typed_tokens(tokenizer, prefix, "·t")]) == "It"
    # At the very beginning there is no word to go on with.
    assert tokenizer.decode(typed_tokens(tokenizer, (), "·t")) == "t"
    words = Tokenizer.train([target for _, target in PAIRS], "word", 60)
    with pytest.raises(ConfigError, match="“t” can't be spelt"):
        typed_tokens(words, words.encode("I"), "·t")


def test_the_rest_of_a_word_is_spelt_even_if_the_whole_word_has_its_own_piece() -> None:
    tokenizer = Tokenizer.train(["dogs dogs dogs dog cats"] * 3, "bpe", 285)
    dog = tokenizer.encode("do")
    assert tokenizer.encode("dogs")[: len(dog)] != dog, "else there is nothing to show"
    assert tokenizer.decode([*dog, *typed_tokens(tokenizer, dog, "·gs")]) == "dogs"


def test_what_can_not_be_typed_is_a_clear_error(tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    _, tokenizer = tokenizers
    for nothing in ("", "  ", "\u200b", "\ud800"):
        with pytest.raises(ConfigError, match="no word to force"):
            typed_tokens(tokenizer, (), nothing)
    with pytest.raises(ConfigError, match="no word to force"):
        typed_tokens(tokenizer, tokenizer.encode("The"), " · ")
    with pytest.raises(ConfigError, match="ended already"):
        typed_tokens(tokenizer, (5, END), "dog")
    words = Tokenizer.train([target for _, target in PAIRS], "word", 60)
    with pytest.raises(ConfigError, match="“zebra” can't be spelt"):
        typed_tokens(words, (), "zebra")
    assert typed_tokens(tokenizer, (), "</s>") == (END,)
