"""What a translator does with several models, and with words that it does not know."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from seq2seq.checkpoint import digest, write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.cli import main
from seq2seq.errors import ConfigError
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.text import UNKNOWN, Tokenizer
from seq2seq.translator import Translator
from tests.tiny import PAIRS, lively_model, tiny_config

LINES = [source for source, _ in PAIRS]
Tokenizers = tuple[Tokenizer, Tokenizer]


def folder(path: Path, tokenizers: Tokenizers, **changes: object) -> Path:
    """Write a checkpoint whose model differs from the default in `changes`."""
    source, target = tokenizers
    config = CheckpointConfig(
        source="fr", target="en", model=tiny_config(tied=False, **changes),
        vocabulary={"source": digest(source.proto), "target": digest(target.proto)},
    )  # fmt: skip
    model = lively_model(len(source), len(target), **changes)
    write_checkpoint(path, config, model, source, target, {})
    return path


# -- several models --------------------------------------------------------------------------------------------


def test_a_model_beside_itself_translates_as_it_does_alone(tiny_checkpoint: Path) -> None:
    alone, twice = (Translator.load(tiny_checkpoint, others=others) for others in ((), [tiny_checkpoint]))
    for options in (SearchOptions(mode=Greedy()), SearchOptions(mode=Beam(size=3))):
        assert [one.text for one in twice.translate(LINES, options)] == [
            one.text for one in alone.translate(LINES, options)
        ]


def test_different_models_decide_together_whatever_their_order(tmp_path: Path, tokenizers: Tokenizers) -> None:
    one = folder(tmp_path / "one", tokenizers)
    other = folder(tmp_path / "other", tokenizers, cell="gru", attention="additive")
    forth, back = (Translator.load(a, others=[b]).translate(LINES) for a, b in ((one, other), (other, one)))
    alone = Translator.load(one).translate(LINES)
    assert [best.text for best in forth] == [best.text for best in back]
    assert [best.log_prob for best in forth] == pytest.approx([best.log_prob for best in back], abs=1e-4)
    assert [best.log_prob for best in forth] != pytest.approx([best.log_prob for best in alone], abs=1e-4)


def test_models_with_other_vocabularies_are_a_clear_error(tmp_path: Path, tokenizers: Tokenizers) -> None:
    one = folder(tmp_path / "one", tokenizers)
    other = folder(tmp_path / "other", (tokenizers[0], tokenizers[0]))
    with pytest.raises(ConfigError, match=r"other has other vocabularies than .*one"):
        Translator.load(one, others=[other])


def test_translate_takes_several_models_and_the_options_of_the_search(
    tmp_path: Path, tiny_checkpoint: Path
) -> None:
    def lines(*words: str) -> list[str]:
        base = [
            "translate",
            "--model",
            str(tiny_checkpoint),
            "--threads",
            "1",
            "--text",
            LINES[0],
            "--text",
            LINES[4],
        ]
        result = CliRunner().invoke(main, [*base, *words])
        assert result.exit_code == 0, result.stderr
        return result.stdout.splitlines()

    plain = lines()
    assert lines("--model", str(tiny_checkpoint)) == plain
    assert lines("--coverage", "0", "--groups", "1", "--no-repeat", "0") == plain
    diverse = lines("--beam-size", "4", "--groups", "4", "--diversity", "50", "--n-best", "4")
    assert diverse != lines("--beam-size", "4", "--n-best", "4")
    single = lines("--no-repeat", "1", "--beam-size", "1", "--max-length", "12")
    assert single != lines("--beam-size", "1", "--max-length", "12")


# -- unknown words ---------------------------------------------------------------------------------------------


def test_an_unknown_word_becomes_the_source_word_that_got_the_most_attention(wordy: Translator) -> None:
    options = SearchOptions(mode=Greedy(), max_length=6)
    line = "L'Ardèche dort dans zorglub, puis elle mange."
    (plain,), (replaced,) = (
        next(wordy.stream([line], options, replace_unknown=replace)) for replace in (False, True)
    )
    assert "<unk>" in plain.text
    trace = wordy.trace(line, options=options)
    words = [word.text for word in wordy.checkpoint.source.words(line)]
    assert trace.expanded.attention is not None
    rows = dict(zip(trace.expanded.node, trace.expanded.attention, strict=True))
    expected = plain.text
    for node in trace.path(trace.best.leaf):
        if trace.nodes.token[node] == UNKNOWN:
            row = rows[trace.nodes.parent[node]][:-1]  # without </s>
            expected = expected.replace("<unk>", words[row.index(max(row))], 1)
    assert replaced.text == expected
    assert "<unk>" not in replaced.text
    assert replaced.log_prob == plain.log_prob
    assert wordy.with_source_words(trace) == expected


def test_unknown_words_are_not_replaced_where_there_are_none_or_nothing_tells_by_what(
    wordy: Translator, translator: Translator
) -> None:
    options = SearchOptions(mode=Greedy(), max_length=5)
    with pytest.raises(ConfigError, match="from pieces and bytes, so none is unknown; leave --replace-unknown out"):
        next(translator.stream(LINES, options, replace_unknown=True))
    model = lively_model(30, 30, attention="none")
    with torch.no_grad():
        model.decoder.output.bias[UNKNOWN] += 9
    blind = Translator(wordy.checkpoint.model_copy(update={"model": model}), "blind")
    with pytest.raises(ConfigError, match="no attention"):
        next(blind.stream(["zorglub"], options, replace_unknown=True))
    assert blind.with_source_words(blind.trace("zorglub", options=options)) is None
    assert translator.with_source_words(translator.trace(LINES[0], options=options)) is None


def test_the_words_of_a_text_are_those_that_its_pieces_are_of(tokenizers: Tokenizers, wordy: Translator) -> None:
    for tokenizer in (*tokenizers, wordy.checkpoint.source):
        for text in (*LINES, "", "zorglub, l'Ardèche zut !"):
            words = tokenizer.words(text)
            covered = [i for word in words for i in range(word.first, word.last)]
            assert covered == list(range(len(tokenizer.encode(text))))
    shown = [word.text for word in wordy.checkpoint.source.words("Le zorglub, l'Ardèche dort.")]
    assert shown == ["Le", "zorglub, l'Ardèche", "dort", "."]
