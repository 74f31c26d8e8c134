"""translate, score and trace, on a model that has never learnt anything."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seq2seq.checkpoint import write_checkpoint
from seq2seq.cli import main
from seq2seq.trace import Trace
from seq2seq.translator import Translator
from tests.data.test_table import PAIRS as SPANISH_PAIRS
from tests.tiny import PAIRS

LINES = [source for source, _ in PAIRS]


@pytest.fixture
def invoke(tiny_checkpoint: Path):
    """A function that runs a verb on the tiny model and returns its result."""

    def run(verb: str, *words: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(main, [verb, "--model", str(tiny_checkpoint), *words], input=stdin)

    return run


def lines(result: Result) -> list[str]:
    """Return what was written to stdout, if all went well."""
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("\n")
    return result.stdout.split("\n")[:-1]


def fails(result: Result, *says: str) -> None:
    """Check that one line on stderr says what is wrong."""
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert all(part in result.stderr for part in says), result.stderr


def test_one_line_comes_out_for_each_line_in_and_in_order(invoke, translator: Translator) -> None:
    found = lines(invoke("translate", stdin="\n".join(LINES)))
    assert found == [one.text for one in translator.translate(LINES)]


def test_an_empty_line_stays_empty(invoke) -> None:
    found = lines(invoke("translate", stdin="\n \nIl fait froid.\n\u200b\n"))
    assert [bool(line) for line in found] == [False, False, True, False]


def test_an_empty_input_gives_an_empty_output(invoke, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    for result in (invoke("translate", stdin=""), invoke("translate", str(tmp_path / "empty"))):
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_lines_end_at_newlines_alone(invoke) -> None:
    assert len(lines(invoke("translate", stdin="Il fait\u2028froid\x85.\x0b\x0c\nOui\rnon"))) == 2


def test_a_carriage_return_at_the_end_changes_nothing(invoke) -> None:
    plain = lines(invoke("translate", stdin=b"Il fait froid.\nOui.\n"))
    assert lines(invoke("translate", stdin=b"Il fait froid.\r\nOui.\r\n")) == plain


def test_texts_files_and_gzipped_files_give_what_stdin_gives(invoke, tmp_path: Path) -> None:
    text = "\n".join(LINES[:4]) + "\n"
    (tmp_path / "plain").write_text(text, encoding="utf-8")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(text.encode()))
    expected = lines(invoke("translate", stdin=text))
    assert lines(invoke("translate", str(tmp_path / "plain"))) == expected
    assert lines(invoke("translate", str(tmp_path / "packed.gz"))) == expected
    assert lines(invoke("translate", "-", stdin=text)) == expected
    assert lines(invoke("translate", *(word for line in LINES[:4] for word in ("--text", line)))) == expected


@pytest.mark.parametrize(
    "line", ["😀👩‍👩‍👧", "مرحبا", "你好", "\x00\x07\x1b[31m", "<b>&amp;</b> **a** $x$ :red[a]", "a" * 300]
)
def test_a_strange_line_gives_one_line(invoke, line: str) -> None:
    assert len(lines(invoke("translate", "--beam-size", "1", stdin=line + "\n"))) == 1


def test_a_line_without_end_is_one_error_and_all_others_are_translated(invoke) -> None:
    result = invoke("translate", "--beam-size", "1", stdin="Il dort.\n" + "a" * 10_000 + "\nIl dort.\n")
    assert result.exit_code == 2
    assert "Line 2" in result.stderr
    first, second, third = result.stdout.split("\n")[:3]
    assert (first, second) == (third, "")


def test_invalid_utf_8_is_named_by_its_line(invoke, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"oui\nn\xffn\n")
    fails(invoke("translate", str(tmp_path / "bad")), "line 2", "0xff", "UTF-8")
    fails(invoke("translate", stdin=b"oui\nn\xffn\n"), "line 2", "0xff", "UTF-8")


def test_missing_files_and_folders_are_one_line(invoke, tmp_path: Path) -> None:
    fails(invoke("translate", str(tmp_path / "none")), "does not exist")
    fails(invoke("translate", str(tmp_path)), "is a folder")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"oui\n" * 1000)[:20])
    fails(invoke("translate", str(tmp_path / "cut.gz")), "cut off")
    assert CliRunner().invoke(main, ["translate", "--model", str(tmp_path), "--text", "a"]).exit_code == 2


def test_a_beam_of_1_is_greedy_at_every_alpha(invoke, translator: Translator) -> None:
    from seq2seq.search import Greedy

    greedy = [one.text for one in translator.translate(LINES, translator.options(Greedy()))]
    for alpha in ("-0.5", "0", "2"):
        assert lines(invoke("translate", "--beam-size", "1", "--alpha", alpha, stdin="\n".join(LINES))) == greedy


def test_the_n_best_come_as_rows_with_falling_scores(invoke) -> None:
    rows = [line.split("\t") for line in lines(invoke("translate", "--n-best", "3", stdin="Oui.\n\nNon.\n"))]
    assert [row[:2] for row in rows] == [
        ["1", "1"],
        ["1", "2"],
        ["1", "3"],
        ["2", "1"],
        ["3", "1"],
        ["3", "2"],
        ["3", "3"],
    ]
    scores = [float(row[2]) for row in rows[:3]]
    assert scores == sorted(scores, reverse=True)
    assert rows[3][2:] == ["0.000000", "0.000000", ""]


def test_json_lines_hold_number_source_and_translations(invoke) -> None:
    text = "\n".join(['Il a dit "oui".', ""])
    first, second = (
        json.loads(line) for line in lines(invoke("translate", "--format", "jsonl", stdin=text + "\n"))
    )
    assert (first["line"], first["source"]) == (1, 'Il a dit "oui".')
    assert set(first["translations"][0]) == {"text", "log_prob", "score", "finished"}
    assert second["translations"][0]["text"] == ""


def test_a_seed_gives_the_same_sample_and_another_seed_another(invoke) -> None:
    one, again, other = (
        lines(invoke("translate", "--sample", "--seed", seed, stdin="\n".join(LINES))) for seed in ("3", "3", "4")
    )
    assert one == again != other


def test_each_translation_begins_with_the_prefix(invoke) -> None:
    assert all(
        line.startswith("The dog")
        for line in lines(invoke("translate", "--prefix", "The dog", stdin="Oui.\nNon.\n"))
    )


def test_too_long_a_minimum_is_one_line(invoke) -> None:
    fails(invoke("translate", "--min-length", "9", "--max-length", "3", "--text", "Oui."), "minimum length of 9")


def test_the_score_is_the_log_probability_of_translate(invoke, translator: Translator, tmp_path: Path) -> None:
    found = []
    for source, target in PAIRS[:4]:
        longest = len(translator.checkpoint.target.encode(target)) + 1
        # Forced to write the target, a wide enough beam then ends it.
        words = ["--prefix", target, "--max-length", str(longest), "--beam-size", "200", "--format", "tsv"]
        row = lines(invoke("translate", *words, "--text", source))[0].split("\t")
        assert row[4] == target
        found.append(float(row[3]))
    (tmp_path / "pairs.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS[:4]), encoding="utf-8")
    scores = [float(line) for line in lines(invoke("score", str(tmp_path / "pairs.tsv")))]
    assert scores == pytest.approx(found, abs=1e-4)


def test_score_gives_a_line_for_each_pair_and_its_tokens_add_up(
    invoke, translator: Translator, tmp_path: Path
) -> None:
    file = tmp_path / "pairs.tsv.gz"
    file.write_bytes(gzip.compress("".join(f"{s}\t{t}\n" for s, t in PAIRS).encode()))
    expected = [sum(values) for values in translator.score(PAIRS)]
    assert [float(line) for line in lines(invoke("score", str(file)))] == pytest.approx(expected, abs=1e-4)
    for line in lines(invoke("score", "--tokens", str(file))):
        total, pieces, values = line.split("\t")
        assert len(pieces.split(" ")) == len(values.split(" "))
        assert float(total) == pytest.approx(sum(map(float, values.split(" "))), abs=1e-2)


@pytest.mark.parametrize("verb", ["score", "evaluate"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a\tb\nc\n", "line 2 has no tab"),
        (b"a\tb\nc\t\n", "line 2 has an empty target"),
        (b"a\tb\n\xff\tc\n", "line 2: byte 0xff"),
        (b"", "is empty"),
    ],
)
def test_a_bad_file_of_pairs_is_one_line(invoke, tmp_path: Path, verb: str, content: bytes, says: str) -> None:
    (tmp_path / "pairs.tsv").write_bytes(content)
    fails(invoke(verb, str(tmp_path / "pairs.tsv")), says)


def test_a_source_of_invisible_characters_is_named_by_its_line(invoke, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("a\tb\n\u00ad\u200e\tc\n", encoding="utf-8")
    fails(invoke("score", str(tmp_path / "pairs.tsv")), "line 2", "empty source")


def test_the_trace_on_stdout_is_the_trace_of_the_notebook(invoke, translator: Translator) -> None:
    result = invoke("trace", "--beam-size", "3", "Il fait froid.")
    assert Trace.from_json("\n".join(lines(result))) == translator.trace("Il fait froid.", beam_size=3)


def test_a_trace_of_nothing_or_of_too_much_is_one_line(invoke) -> None:
    fails(invoke("trace", "  "), "nothing to translate")
    fails(invoke("trace", "chien " * 200), "shorten or split")


def test_the_schema_needs_no_model_and_names_the_keys_of_a_trace() -> None:
    result = CliRunner().invoke(main, ["trace", "--schema"])
    schema = json.loads(result.stdout)
    assert {"version", "source", "nodes", "hypotheses"} <= schema["properties"].keys()


def test_int8_translates_and_runs_on_the_processor_alone(invoke) -> None:
    assert len(lines(invoke("translate", "--int8", "--text", "Il fait froid."))) == 1


def test_a_device_that_is_not_there_is_one_line(invoke) -> None:
    fails(invoke("translate", "--device", "abacus", "--text", "a"), "'abacus' is not a device")


@pytest.mark.parametrize(
    "words",
    [
        ("--min-length", "99999999999999999999"),
        ("--min-length", "100000000", "--max-length", "100000001"),
        ("--max-length", "1001"),
        ("--threads", "1024"),
        ("--top-k", "99999999999999999999", "--sample"),
    ],
)
def test_numbers_without_end_are_refused_with_their_bounds(invoke, words: tuple[str, ...]) -> None:
    fails(invoke("translate", *words, "--text", "Il dort."), "is not in the range")


def test_a_word_that_the_vocabulary_lacks_can_not_be_forced(invoke, wordy: Translator, tmp_path: Path) -> None:
    checkpoint = wordy.checkpoint
    write_checkpoint(tmp_path / "w", checkpoint.config, checkpoint.model, checkpoint.source, checkpoint.target, {})
    words = ["translate", "--model", str(tmp_path / "w"), "--text", "Il dort."]
    fails(CliRunner().invoke(main, [*words, "--prefix", "zorglub"]), "“zorglub” can't be spelt with this model")
    assert lines(CliRunner().invoke(main, [*words, "--prefix", "It is"]))[0].startswith("It is")
    fails(invoke("translate", "--replace-unknown", "--text", "Il dort."), "leave --replace-unknown out")


def test_a_table_of_pairs_is_translated_with_a_warning(invoke) -> None:
    result = invoke("translate", stdin="Il dort.\tHe sleeps.\nIl mange.\tHe eats.\n")
    assert result.exit_code == 0
    assert result.stderr.count("Warning: Line 1 has a tab") == 1
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_says_how_the_input_is_encoded(
    invoke, translator: Translator, encoding: str, tmp_path: Path
) -> None:
    text = "Où est le chien ?\r\nIl dort.\r\n"
    (tmp_path / "input.txt").write_bytes(text.encode(encoding))
    wanted = [one.text for one in translator.translate(["Où est le chien ?", "Il dort."])]
    assert lines(invoke("translate", str(tmp_path / "input.txt"))) == wanted
    assert lines(invoke("translate", stdin=text.encode(encoding))) == wanted


def test_a_line_of_two_sentences_scores_what_the_two_do(invoke, tmp_path: Path) -> None:
    parts = ("Il fait froid.", "It is cold."), ("Je suis là.", "I am here.")
    rows = [*("\t".join(part) for part in parts), "\t".join(map(" ".join, zip(*parts, strict=True)))]
    (tmp_path / "pairs.tsv").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    one, other, both = map(float, lines(invoke("score", str(tmp_path / "pairs.tsv"))))
    assert both == pytest.approx(one + other, abs=1e-4)
    pieces = lines(invoke("score", "--tokens", str(tmp_path / "pairs.tsv")))[2].split("\t")[1]
    assert pieces.split().count("</s>") == 2


def test_a_pair_that_is_too_long_leaves_its_line_empty_and_the_others_scored(invoke, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text(f"Il dort.\tHe sleeps.\n{'x' * 5000}\ty\nIl dort.\tHe sleeps.\n")
    result = invoke("score", str(tmp_path / "pairs.tsv"))
    assert result.exit_code == 2
    first, second, third = result.stdout.splitlines()
    assert (first, second) == (third, "")
    assert "Line 2: The sentence" in result.stderr
    assert "All other lines are scored" in result.stderr


def test_pairs_of_another_language_are_scored_and_evaluated_with_a_warning(invoke, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("".join(f"{one}\t{other}\n" for one, other in SPANISH_PAIRS[:60]))
    for verb in ("score", "evaluate"):
        result = invoke(verb, str(tmp_path / "pairs.tsv"), *(("--beam-size", "1") if verb == "evaluate" else ()))
        assert result.exit_code == 0, result.output
        assert "the source side reads like Spanish, not French" in result.stderr
