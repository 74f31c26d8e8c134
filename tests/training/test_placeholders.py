"""Training with placeholders, from the pairs to a checkpoint that copies what it was never taught."""

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.__main__ import main
from seq2seq.checkpoint import read_checkpoint
from seq2seq.data.pairs import Pair, write_pairs
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.text import Masking
from seq2seq.training import Recipe, Training
from seq2seq.training.corpus import (
    EpochBatches,
    Vocabularies,
    make_masking,
    make_vocabularies,
    masked_pairs,
    read_corpus,
)
from seq2seq.translator import Translator
from tests.training.recipes import recipe

NAMES = ["Tom", "Léa", "Marc", "Zoé"]


def figures(folder: Path, *, number_words: bool = False, **tables: dict[str, object]) -> Recipe:
    """Return a recipe with placeholders for sentences of names, numbers and prices."""
    pairs = [
        Pair(f"{name} a {number} chats.", f"{name} has {number} cats.") for name in NAMES for number in range(2, 30)
    ]
    pairs += [Pair(f"Le chat coûte {i},50 €.", f"The cat costs €{i}.50.") for i in range(2, 50)]
    if number_words:
        numbers = zip(["deux", "trois", "quatre", "cinq"], ["two", "three", "four", "five"], strict=True)
        pairs += [Pair(f"J'ai {a} chats, {i}.", f"I have {b} cats, {i}.") for a, b in numbers for i in range(20)]
    write_pairs(folder / "pairs.tsv", pairs)
    text = {"placeholders": True, "source_size": 340, "target_size": 340, "rare_name": 5, "masked": 0.5}
    return recipe(folder, **{"text": text | tables.pop("text", {}), **tables})


class Made:
    """What a recipe makes of its pairs."""

    def __init__(self, made: Recipe) -> None:
        self.corpus = read_corpus(made)
        masking = make_masking(made, self.corpus.train)
        assert masking is not None
        self.masking: Masking = masking
        self.masked = masked_pairs(self.corpus.train, masking)
        self.vocabularies: Vocabularies = make_vocabularies(made, self.masked, masking)

    def texts(self, made: Recipe, number: int) -> list[tuple[str, str]]:
        """Return the texts of an epoch."""
        epochs = EpochBatches(made, self.masked, self.vocabularies, 1, self.masking, self.corpus.train)
        source, target = self.vocabularies
        return [
            (source.decode(s), target.decode(t))
            for batch in epochs.epoch(number)
            for s, t in zip(batch.source.tolist(), batch.labels.tolist(), strict=True)
        ]


def test_figures_and_copied_names_are_always_masked_and_number_words_now_and_then(tmp_path: Path) -> None:
    made = figures(tmp_path, number_words=True)
    found = Made(made)
    first, second = found.texts(made, 0), found.texts(made, 1)
    assert not any(map(str.isdigit, re.sub(r"⟦[NAPC]\d⟧", "", " ".join(source for source, _ in first))))
    assert not any(name in source for source, _ in first for name in NAMES)
    shares = Counter("⟦N2⟧" in source for source, _ in first if "J'ai" in source)
    assert 0.3 < shares[True] / shares.total() < 0.7
    for source, target in first:
        assert sorted(re.findall("⟦..⟧", source)) == sorted(re.findall("⟦..⟧", target))
    assert sorted(first) != sorted(second)
    assert first == found.texts(made, 0)


def test_every_placeholder_is_one_piece_and_every_digit_as_well(tmp_path: Path) -> None:
    source, target = Made(figures(tmp_path)).vocabularies
    assert source.has_placeholders
    assert "⟦N1⟧" in source.pieces(source.encode("a ⟦N1⟧ chats."))
    assert len(target.encode("12")) == len(target.encode("1")) + 1


def test_one_vocabulary_can_serve_both_sides(tmp_path: Path) -> None:
    source, target = Made(figures(tmp_path, text={"joint": True})).vocabularies
    assert source is target
    assert {"▁chats", "▁cats"} <= set(source.pieces(range(len(source))))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    training = {
        "batch_tokens": 200,
        "validate_every": 800,
        "encoder_rate": 0.01,
        "decoder_rate": 0.01,
        "label_smoothing": 0.0,
        "schedule": {"kind": "one-cycle", "updates": 800, "warmup": 0.1},
    }
    shape = {"embedding": 24, "encoder_hidden": 24, "decoder_hidden": 48, "dropout": 0.0}
    Training(figures(folder, training=training, model=shape), folder / "model").run()
    return folder / "model"


def test_a_trained_model_copies_figures_and_names_that_it_has_never_seen(model: Path) -> None:
    translator = Translator.load(model)
    found = translator.translate(["Aïssatou a 4 711 chats.", "Le chat coûte 1 234,99 €.", "4 711"])
    assert [one.text for one in found] == ["Aïssatou has 4,711 cats.", "The cat costs €1,234.99.", "4 711"]
    assert [one.lost for one in found] == [(), (), ()]


def test_its_trace_shows_and_records_what_was_copied(model: Path) -> None:
    translator = Translator.load(model)
    trace = translator.trace("Aïssatou a 4 711 chats.", beam_size=2)
    assert trace.source.kind == "text"
    assert trace.source.words[:3] == ["Aïssatou", "a", "4 711"]
    assert [(each.kind, each.source, each.target) for each in trace.source.passages] == [
        ("name", "Aïssatou", "Aïssatou"),
        ("number", "4 711", "4,711"),
    ]
    assert "4,711" in trace.nodes.piece
    assert not any("⟦" in piece for piece in (*trace.source.pieces, *trace.nodes.piece))
    assert trace.best.text == "Aïssatou has 4,711 cats."


def test_a_reference_and_a_forced_word_are_given_as_the_model_spells_them(model: Path) -> None:
    translator = Translator.load(model)
    session = translator.session("Aïssatou a 4 711 chats.")
    tokens = session.tokens("Aïssatou has 4,711 cats.")
    assert session.text(tokens) == "Aïssatou has 4,711 cats."
    assert session.text(session.typed_tokens(tokens[:3], "4,711")) == "4,711"
    (right,), (wrong,) = (
        [sum(row) for row in translator.score([("Aïssatou a 4 711 chats.", target)])]
        for target in ("Aïssatou has 4,711 cats.", "Sophie has 4,712 cats.")
    )
    assert right > wrong + 5


def test_a_training_that_keeps_the_vocabularies_keeps_the_placeholders(model: Path, tmp_path: Path) -> None:
    start = {"checkpoint": model}
    further = recipe(tmp_path, initialise_from=start)
    masking = make_masking(further, read_corpus(further).train)
    assert masking is not None
    known = read_checkpoint(model).known
    assert known is not None
    assert masking.known.words == known.words


def test_vocabularies_without_placeholders_can_not_be_kept_for_a_recipe_with_them(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    asked = recipe(tmp_path, initialise_from={"checkpoint": tiny_checkpoint}, text={"placeholders": True})
    with pytest.raises(ConfigError, match=r"have no placeholders; leave text\.placeholders out"):
        make_masking(asked, read_corpus(asked).train)


def test_a_checkpoint_without_its_words_is_refused(model: Path, tmp_path: Path) -> None:
    kept = read_checkpoint(model).known
    assert kept is not None
    words = model / "words.txt"
    text = words.read_text(encoding="utf-8")
    try:
        words.write_text(text + "zzz\n", encoding="utf-8")
        with pytest.raises(CheckpointError, match="not the list of words this model was trained with"):
            read_checkpoint(model)
        words.unlink()
        with pytest.raises(CheckpointError, match=r"words\.txt can't be read"):
            read_checkpoint(model)
    finally:
        words.write_text(text, encoding="utf-8")
    assert "chats" in kept


def test_the_command_line_says_what_got_lost_and_what_looks_foreign(model: Path, tmp_path: Path) -> None:
    lines = ["Tom a 7 chats."] + [f"Le {i} a " + " ".join(f"{i} chats," for i in range(6)) for i in range(3)]
    lines.append("Ich habe gestern leider einen sehr alten guten Freund getroffen.")
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["translate", "--model", str(model), str(file)])
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(lines)
    assert re.search(r"lines? lacks? a figure, name or address of the source, the first is line \d:", result.stderr)
    assert "Line 5: This looks like German" in result.stderr
