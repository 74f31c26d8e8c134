"""Two processes do what one does with the doubled batch."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.config import to_toml
from seq2seq.data.batches import make_batch
from seq2seq.training import Training
from tests.training.recipes import ONE_CYCLE, recipe


def torchrun(*words: object, processes: int = 2, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a verb under torchrun, on this machine alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    address = ["--master-addr", "127.0.0.1", "--master-port", str(port)]
    return subprocess.run(
        [*command, *address, "-m", "seq2seq", *map(str, words)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )


def losses(folder: Path) -> list[float]:
    lines = (json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines())
    return [line["loss"] for line in lines if "loss" in line]


def test_the_shares_of_a_batch_make_up_the_batch() -> None:
    batch = make_batch([[5], [6, 7], [8]], [[4], [5, 6], [7]])
    shares = [batch.share(rank, 2) for rank in range(2)]
    assert [share.source.tolist() for share in shares] == [batch.source[::2].tolist(), batch.source[1::2].tolist()]
    assert sum(share.tokens for share in shares) == batch.tokens
    assert len(batch.share(3, 4).source) == 0


@pytest.mark.parametrize("parts", [(), ("encoder",)])
def test_two_processes_give_the_loss_curve_of_one_with_the_doubled_batch(
    tmp_path: Path, parts: tuple[str, ...]
) -> None:
    """With a part of another model, too, whose weights the leader alone reads before it knows the vocabularies.

    Without attention the last layer norm of the encoder has no gradient.
    """
    still: dict[str, Any] = {"dropout": 0.0, "embedding": 8, "encoder_hidden": 6, "decoder_hidden": 10}
    still |= {} if parts else {"attention": "none", "layer_norm": True}
    start: dict[str, Any] = {}
    if parts:
        first = recipe(tmp_path, model=still, training={"seed": 7, "schedule": ONE_CYCLE | {"updates": 4}})
        Training(first, tmp_path / "first").run()
        start = {"initialise_from": {"checkpoint": tmp_path / "first", "parts": parts, "freeze": True}}
    halves = recipe(tmp_path, model=still, training={"batch_tokens": 25}, **start)
    whole = recipe(tmp_path, model=still, training={"batch_tokens": 50}, **start)
    (tmp_path / "halves.toml").write_text(to_toml(halves))
    torchrun("train", tmp_path / "halves.toml", "--out", tmp_path / "two", "--threads", 1)
    Training(whole, tmp_path / "one").run()
    assert len(losses(tmp_path / "one")) == 6
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--beam-size", 4, "--groups", 2, "--coverage", 0.3, "--no-repeat", 2),
        ("--sample", "--seed", 3),
    ],
)
def test_two_processes_translate_as_one_in_the_same_order(
    tiny_checkpoint: Path, options: tuple[object, ...]
) -> None:
    lines = "".join(f"Le chien {'dort ' * (number % 7)}.\n" for number in range(23)) + "\nOui.\n"
    words = ("translate", "--model", tiny_checkpoint, "--threads", 1, *options)
    two = torchrun(*words, stdin=lines).stdout
    alone = CliRunner().invoke(main, [str(word) for word in words], input=lines)
    assert two == alone.stdout


def test_two_processes_make_the_pairs_that_one_makes(tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("".join(f"Le chien {'dort ' * number}.\n" for number in range(9)))
    words = ("synthesise", "--model", tiny_checkpoint, "--threads", 1, tmp_path / "lines.txt", "--out")
    torchrun(*words, tmp_path / "two.tsv")
    assert CliRunner().invoke(main, [str(word) for word in (*words, tmp_path / "one.tsv")]).exit_code == 0
    assert (tmp_path / "two.tsv").read_text() == (tmp_path / "one.tsv").read_text()
