"""From corpora to a folder to train from."""

import gzip
import json
import re
from hashlib import blake2b
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.cli.data import prepare as command
from seq2seq.data import DataCard, Languages, Pair, prepare, read_pairs, write_pairs
from seq2seq.data.split import sentence_key
from seq2seq.errors import ConfigError, DataError

FR_EN = Languages("fr", "en")


def corpus(start: int, stop: int) -> list[Pair]:
    """Sentences in chains: every third source has two targets, every fifth target two sources."""
    pairs = []
    for number in range(start, stop):
        pairs.append(Pair(f"Phrase {number}.", f"Sentence {number}."))
        if number % 3 == 0:
            pairs.append(Pair(f"phrase {number} !", f"Words {number}."))
        if number % 5 == 0:
            pairs.append(Pair(f"Mots {number}.", f"sentence {number}"))
    return pairs


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_pairs(tmp_path / "pairs.tsv", corpus(0, 400))
    return tmp_path / "pairs.tsv"


@pytest.fixture
def multi30k(tmp_path: Path) -> Path:
    """A split of its own, whose training pairs and tests overlap with `table`."""
    folder = tmp_path / "multi30k"
    folder.mkdir()
    parts = {
        "train": [*corpus(100, 200), Pair("Un chien", "A dog"), Pair("Un chat.", "A cat.")],
        "val": [Pair("un chat", "A tabby"), Pair("Mots 10", "Something else"), Pair("un chat", "A tabby")],
        "test_2016_flickr": [Pair("Autre chose", "Sentence 20")],
    }
    for part, pairs in parts.items():
        (folder / f"{part}.fr").write_text("".join(f"{pair.source}\n" for pair in pairs))
        (folder / f"{part}.en.gz").write_bytes(gzip.compress("".join(f"{b}\n" for _, b in pairs).encode()))
    return folder


def keys(pairs: list[Pair], side: int) -> set[str]:
    return {sentence_key(pair[side]) for pair in pairs}


def files_of(folder: Path) -> dict[str, list[Pair]]:
    return {path.name: list(read_pairs(path)) for path in folder.glob("*.tsv")}


def run(out: Path, table: Path, multi30k: Path | None = None) -> DataCard:
    return prepare(out, FR_EN, [str(table)], columns=FR_EN, multi30k=multi30k)


def test_no_sentence_of_valid_or_test_is_in_train(tmp_path: Path, table: Path, multi30k: Path) -> None:
    run(tmp_path / "out", table, multi30k)
    files = files_of(tmp_path / "out")
    train = files.pop("train.tsv")
    assert set(files) == {"valid.tsv", "test.tsv", "valid_multi30k.tsv", "test_2016_flickr.tsv"}
    for held_out in files.values():
        for side in (0, 1):
            assert not keys(train, side) & keys(held_out, side)
    assert not {"Un chat.", "Mots 10.", "Phrase 20."} & {pair.source for pair in train}
    assert Pair("Un chien", "A dog") in train


def test_valid_and_test_hold_each_source_once_and_nothing_in_common(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    files = files_of(tmp_path / "out")
    for name in ("valid.tsv", "test.tsv"):
        assert len(keys(files[name], 0)) == len(files[name]) > 0
    for side in (0, 1):
        assert not keys(files["valid.tsv"], side) & keys(files["test.tsv"], side)


def test_published_parts_stay_as_published(tmp_path: Path, table: Path, multi30k: Path) -> None:
    run(tmp_path / "out", table, multi30k)
    assert list(read_pairs(tmp_path / "out/valid_multi30k.tsv")) == [
        ("un chat", "A tabby"),
        ("Mots 10", "Something else"),
        ("un chat", "A tabby"),
    ]


def test_a_published_split_can_stand_alone(tmp_path: Path, multi30k: Path) -> None:
    prepare(tmp_path / "out", FR_EN, multi30k=multi30k)
    assert set(files_of(tmp_path / "out")) == {"train.tsv", "valid_multi30k.tsv", "test_2016_flickr.tsv"}


def test_every_pair_read_is_accounted_for(tmp_path: Path, table: Path, multi30k: Path) -> None:
    card = run(tmp_path / "out", table, multi30k)
    written = sum(part.sentences for part in card.files.values())
    left_out = sum(card.dropped.values()) + card.other_references + card.shared_with_held_out
    assert written + left_out == sum(corpus.pairs for corpus in card.corpora)
    assert card.dropped["duplicate"] > 0
    assert card.shared_with_held_out > 0


def test_the_card_tells_what_the_files_hold_and_no_path(tmp_path: Path, table: Path, multi30k: Path) -> None:
    card = run(tmp_path / "out", table, multi30k)
    text = (tmp_path / "out/data.json").read_text()
    assert DataCard.model_validate(json.loads(text)) == card
    assert str(tmp_path) not in text
    for name, part in card.files.items():
        content = (tmp_path / "out" / name).read_bytes()
        assert blake2b(content, digest_size=16).hexdigest() == part.blake2b
        lines = [line.split("\t") for line in content.decode().splitlines()]
        assert len(lines) == part.sentences
        assert [sum(len(line[side].split()) for line in lines) for side in (0, 1)] == [
            part.source_words,
            part.target_words,
        ]


def test_the_same_corpus_gives_the_same_bytes(tmp_path: Path, table: Path, multi30k: Path) -> None:
    assert run(tmp_path / "a", table, multi30k) == run(tmp_path / "b", table, multi30k)
    again = run(tmp_path / "a", table, multi30k)
    assert again.moved == {}
    assert (tmp_path / "a/train.tsv").read_bytes() == (tmp_path / "b/train.tsv").read_bytes()


def test_a_larger_corpus_moves_nothing_unless_groups_merge(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    write_pairs(table, corpus(0, 800))
    assert run(tmp_path / "out", table).moved == {}


def test_pairs_moved_by_merging_groups_are_counted(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    before = {pair: name for name, pairs in files_of(tmp_path / "out").items() for pair in pairs}
    # One new translation a pair: whatever group stands behind, all of it becomes one.
    write_pairs(table, corpus(0, 400) + [Pair("Tout.", f"sentence {number}") for number in range(400)])
    card = prepare_any(tmp_path / "out", table)
    moved = sum(name != "train.tsv" for name in before.values())
    assert sum(card.moved.values()) == moved
    assert set(card.moved) == {"valid to train", "test to train"}


def prepare_any(out: Path, table: Path) -> DataCard:
    """Prepare together with pairs far apart, so that valid and test are not empty."""
    far = out.parent / "far.tsv"
    write_pairs(far, [Pair(f"Loin {number}.", f"Far {number}.") for number in range(600)])
    return prepare(out, FR_EN, [str(table), str(far)], columns=FR_EN)


def test_what_an_earlier_run_left_and_this_one_does_not_write_goes(
    tmp_path: Path, table: Path, multi30k: Path
) -> None:
    run(tmp_path / "out", table, multi30k)
    (tmp_path / "out/notes.tsv").write_text("mine\n")
    run(tmp_path / "out", table)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"train.tsv", "valid.tsv", "test.tsv", "data.json", "notes.tsv"}


def test_a_card_cannot_have_other_files_removed(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    victim = tmp_path / "victim.tsv"
    victim.write_text("precious")
    card = json.loads((tmp_path / "out/data.json").read_text())
    card["files"]["../victim.tsv"] = card["files"]["train.tsv"]
    (tmp_path / "out/data.json").write_text(json.dumps(card))
    run(tmp_path / "out", table)
    assert victim.exists()


def test_a_failed_run_leaves_the_folder_as_it_was(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with table.open("a") as file:
        file.write("no tab\n")
    with pytest.raises(DataError, match=r"pairs\.tsv, line \d+ has no tab"):
        run(tmp_path / "out", table)
    with pytest.raises(DataError, match="no tab"):
        run(tmp_path / "new", table)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_a_corpus_too_small_to_split_is_a_data_error(tmp_path: Path) -> None:
    write_pairs(tmp_path / "one.tsv", [Pair("Va !", "Go.")])
    with pytest.raises(DataError, match=r"Nothing is left for \w+\.tsv: 1 pairs are 1 group"):
        run(tmp_path / "out", tmp_path / "one.tsv")


def test_a_folder_of_another_language_pair_is_not_overwritten(tmp_path: Path, table: Path) -> None:
    run(tmp_path / "out", table)
    with pytest.raises(ConfigError, match="holds fr-en, not en-fr"):
        prepare(tmp_path / "out", Languages("en", "fr"), [str(table)], columns=FR_EN)


def test_a_broken_card_and_a_file_for_a_folder_are_data_errors(tmp_path: Path, table: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/data.json").write_text("{}")
    with pytest.raises(DataError, match=r"data\.json"):
        run(tmp_path / "out", table)
    with pytest.raises(DataError, match="is a file"):
        run(table, table)
    with pytest.raises(DataError, match="can't be written"):
        run(table / "below", table)


@pytest.mark.parametrize("languages", [("fr", "fr"), ("fr", "../en"), ("", "en")])
def test_wrong_language_codes_are_config_errors(tmp_path: Path, table: Path, languages: tuple[str, str]) -> None:
    with pytest.raises(ConfigError):
        prepare(tmp_path / "out", Languages(*languages), [str(table)], columns=FR_EN)


def test_nothing_to_prepare_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no corpus"):
        prepare(tmp_path / "out", FR_EN)


def test_the_command_prints_a_table_of_what_it_wrote(tmp_path: Path, table: Path, multi30k: Path) -> None:
    source, target = tmp_path / "news.fr", tmp_path / "news.en"
    source.write_text("".join(f"Nouvelle {number}\n" for number in range(200)))
    target.write_text("".join(f"News {number}\n" for number in range(200)))
    options = ["--source", "fr", "--target", "en", "--columns", "fr,en", "--multi30k", str(multi30k)]
    arguments = [str(tmp_path / "out"), str(table), *options, "--moses", str(source), str(target)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    card = DataCard.model_validate(json.loads((tmp_path / "out/data.json").read_text()))
    for name, part in card.files.items():
        assert re.search(rf"^{re.escape(name)} +{part.sentences} ", result.stdout, re.MULTILINE)
    assert "from pairs.tsv, news.fr, news.en, multi30k" in result.stdout


def test_match_keeps_what_it_finds(tmp_path: Path, table: Path) -> None:
    arguments = [str(tmp_path / "out"), str(table), "--source", "fr", "--target", "en", "--columns", "fr,en"]
    result = CliRunner().invoke(command, [*arguments, "--match-target", "^Sentence"], catch_exceptions=False)
    assert "outside --match" in result.stdout
    assert all(pair.target.startswith("Sentence") for pair in read_pairs(tmp_path / "out/train.tsv"))


@pytest.mark.parametrize("options", [["--columns", "fr"], ["--match-source", "("], []])
def test_wrong_options_are_errors_in_one_line(tmp_path: Path, table: Path, options: list[str]) -> None:
    arguments = [str(tmp_path / "out"), str(table), "--source", "fr", "--target", "en"]
    if "--columns" not in options and options:
        options = [*options, "--columns", "fr,en"]
    result = CliRunner().invoke(command, [*arguments, *options])
    assert isinstance(result.exception, ConfigError)
    assert "\n" not in str(result.exception)


def test_help_teaches_with_an_example() -> None:
    assert "python -m seq2seq prepare data/fr-en" in CliRunner().invoke(command, ["--help"]).stdout
