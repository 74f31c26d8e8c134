"""Two processes do what one does with the doubled batch."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.data.batches import make_batch
from seq2seq.training import Training
from seq2seq.training.card import recipe_toml
from tests.training.recipes import recipe


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


def test_two_processes_give_the_loss_curve_of_one_with_the_doubled_batch(tmp_path: Path) -> None:
    still = {"dropout": 0.0, "embedding": 8, "encoder_hidden": 6, "decoder_hidden": 10}
    halves = recipe(tmp_path, model=still, training={"batch_tokens": 25})
    whole = recipe(tmp_path, model=still, training={"batch_tokens": 50})
    (tmp_path / "halves.toml").write_text(recipe_toml(halves))
    torchrun("train", tmp_path / "halves.toml", "--out", tmp_path / "two", "--threads", 1)
    Training(whole, tmp_path / "one").run()
    assert len(losses(tmp_path / "one")) == 6
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)


def test_two_processes_translate_as_one_in_the_same_order(tiny_checkpoint: Path) -> None:
    lines = "".join(f"Le chien {'dort ' * (number % 7)}.\n" for number in range(23)) + "\nOui.\n"
    words = ("translate", "--model", tiny_checkpoint, "--threads", 1)
    two = torchrun(*words, stdin=lines).stdout
    alone = subprocess.run(
        [sys.executable, "-m", "seq2seq", *map(str, words)], input=lines, capture_output=True, text=True, check=True
    ).stdout
    assert two == alone
    assert two.count("\n") == 25
