"""Two processes do what one does with the doubled batch."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from seq2seq.cli import main
from seq2seq.config import to_toml
from seq2seq.data.batches import make_batch
from seq2seq.distributed import group
from seq2seq.errors import ConfigError
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


@pytest.mark.parametrize(
    ("device", "rank", "said"),
    [("cuda:1", 0, "write --device cuda, not cuda:1"), ("cuda", 2, "give --nproc-per-node 2")],
)
def test_each_process_needs_a_gpu_of_its_own(
    device: str, rank: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("LOCAL_RANK", str(rank))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ConfigError, match=said), group(device):
        pass


def losses(folder: Path) -> list[float]:
    lines = (json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines())
    return [line["loss"] for line in lines if "loss" in line]


def test_the_shares_of_a_batch_make_up_the_batch() -> None:
    batch = make_batch([[5], [6, 7], [8]], [[4], [5, 6], [7]])
    shares = [batch.share(rank, 2) for rank in range(2)]
    assert [share.source.tolist() for share in shares] == [batch.source[::2].tolist(), batch.source[1::2].tolist()]
    assert sum(share.tokens for share in shares) == batch.tokens
    assert len(batch.share(3, 4).source) == 0


WITHOUT_TWO_GPUS = pytest.mark.skipif(torch.cuda.device_count() < 2, reason="there are not two GPUs")


@pytest.mark.parametrize(
    ("parts", "device"),
    [((), "cpu"), (("encoder",), "cpu"), pytest.param((), "cuda", marks=WITHOUT_TWO_GPUS)],
)
def test_two_processes_give_the_loss_curve_of_one_with_the_doubled_batch(
    tmp_path: Path, parts: tuple[str, ...], device: str
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
    torchrun("train", tmp_path / "halves.toml", "--out", tmp_path / "two", "--threads", 1, "--device", device)
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
