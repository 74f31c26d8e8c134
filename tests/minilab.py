"""A laboratory so small that a test may make it: three runs of a few updates, measured like the real one."""

from pathlib import Path

from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.data.grammar import generate

RECIPE = """
[data]
source = "fr"
target = "en"
train = ["unused"]
valid = ["unused"]
valid_pairs = 20
[text]
source_size = 340
target_size = 340
[model]
cell = "gru"
embedding = 8
encoder_hidden = 6
decoder_hidden = 12
dropout = 0.0
[training]
batch_tokens = 200
precision = "float32"
log_every = 2
validate_every = 4
[training.schedule]
kind = "one-cycle"
updates = 8
"""
RUNS = ("always-1", "never-1", "always-2")


def prepare(place: Path) -> list[str]:
    """Write data and recipe, and return what every call of the verb begins with."""
    data = place / "data"
    data.mkdir(parents=True)
    pairs = generate(240, 1)
    for number, name in enumerate(("train", "valid", "test")):
        lines = (f"{pair.source}\t{pair.target}\n" for pair in pairs[80 * number : 80 * number + 80])
        (data / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")
    (place / "tiny.toml").write_text(RECIPE, encoding="utf-8")
    return [
        "lab", "--data", str(data), "--out", str(place / "lab"), "--work", str(place / "work"),
        "--recipe", str(place / "tiny.toml"),
    ]  # fmt: skip


def make(place: Path) -> Path:
    """Make the laboratory below `place` and return the folder of what is kept."""
    words = prepare(place)
    only = [word for run in RUNS for word in ("--only", run)]
    for extra in (only, ["--summary"]):
        result = CliRunner().invoke(main, [*words, *extra])
        assert result.exit_code == 0, result.output
    return place / "lab"
