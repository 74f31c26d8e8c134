"""Checkpoint folders: what is written is read, and anything else is one clear error."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from seq2seq.checkpoint import CONFIG, digest, read_checkpoint, write_checkpoint
from seq2seq.checkpoint_config import SOURCE, TARGET, WEIGHTS, CheckpointConfig, read_config
from seq2seq.errors import CheckpointError
from seq2seq.models import TranslationModel
from seq2seq.text import Tokenizer
from seq2seq.training.averaging import shrink_checkpoint
from seq2seq.weights import header
from tests.tiny import PAIRS, encode, fill, tiny_config, tiny_model

TARGETS = torch.tensor([[1, 5, 6, 7]])


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint that a test may damage."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def refused(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(folder)
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert str(folder) in message
    assert message.endswith(".")
    return message


def record(tokenizers: tuple[Tokenizer, Tokenizer], **changes: object) -> CheckpointConfig:
    source, target = tokenizers
    vocabulary = {"source": digest(source.proto), "target": digest(target.proto)}
    return CheckpointConfig(source="fr", target="en", model=tiny_config(**changes), vocabulary=vocabulary)


@pytest.mark.parametrize("tied", [True, False])
def test_a_read_model_is_the_written_one_rounded_to_float16(
    tmp_path: Path, tokenizers: tuple[Tokenizer, Tokenizer], tied: bool
) -> None:
    source, target = tokenizers
    model = tiny_model(tiny_config(tied=tied), len(source), len(target))
    write_checkpoint(tmp_path / "a", record(tokenizers, tied=tied), model, source, target, {"README.md": "card"})
    read = read_checkpoint(tmp_path / "a")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half())
    logits = [m.decoder.unroll(TARGETS, encode(m, [[4, 5, 6]])).logits for m in (model, read.model)]
    assert torch.equal(*logits)
    assert not read.model.training
    assert all(parameter.dtype == torch.float32 for parameter in read.model.parameters())
    assert (read.source.proto, read.target.proto) == (source.proto, target.proto)
    assert read.config == record(tokenizers, tied=tied).model_copy(update={"weights": read.digest})
    assert (tmp_path / "a" / "README.md").read_text() == "card"


def test_weights_of_another_model_of_the_same_shape_are_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_checkpoint, copy)
    weights = load_file(copy / WEIGHTS)
    save_file({name: value + 1 for name, value in weights.items()}, copy / WEIGHTS)
    with pytest.raises(CheckpointError, match="is not the file that was saved here"):
        read_checkpoint(copy)


def test_weights_are_float16_and_shared_ones_are_written_once(tiny_checkpoint: Path, tmp_path: Path) -> None:
    weights = load_file(tiny_checkpoint / WEIGHTS)
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    tied = tiny_model()
    assert "decoder.output.weight" not in dict(tied.named_parameters())


def test_the_digest_names_the_weights(tiny_checkpoint: Path) -> None:
    first, again = (read_checkpoint(tiny_checkpoint).digest for _ in range(2))
    assert first == again == digest((tiny_checkpoint / WEIGHTS).read_bytes())


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, SOURCE, TARGET])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert name in refused(copy)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, SOURCE, TARGET])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] if len(data) > 5000 else data[:-3],
        lambda data: b"\x80\x04pickle",
        lambda data: b"<!DOCTYPE html>\n<html>\n",
        lambda data: bytes(len(data)),
        lambda data: bytes(255 - byte for byte in data),
    ],
    ids=["empty", "half", "cut", "pickle", "page", "zeros", "turned"],
)
def test_a_damaged_file_is_named(copy: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    (copy / name).write_bytes(damage((copy / name).read_bytes()))
    assert name in refused(copy)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, SOURCE, TARGET])
def test_a_folder_in_place_of_a_file_is_one_clear_error(copy: Path, name: str) -> None:
    (copy / name).unlink()
    (copy / name).mkdir()
    assert name in refused(copy)


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), name=st.sampled_from([CONFIG, WEIGHTS]))
def test_a_changed_byte_gives_a_model_or_one_clear_error(
    tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory, place: float, byte: int, name: str
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("changed") / "copy"))
    data = bytearray((folder / name).read_bytes())
    head = len(data) if name == CONFIG else 3000  # the header of the weights is where it matters
    data[int(place * head)] = byte
    (folder / name).write_bytes(data)
    try:
        read_checkpoint(folder)
    except CheckpointError:
        refused(folder)
    shutil.rmtree(folder)


def test_another_vocabulary_is_refused(copy: Path) -> None:
    other = Tokenizer.train([english + " Hello" for _, english in PAIRS], "bpe", 340)
    (copy / TARGET).write_bytes(other.proto)
    assert "not the vocabulary this model was trained with" in refused(copy)


def test_swapped_vocabularies_are_refused(copy: Path) -> None:
    source, target = (copy / name for name in (SOURCE, TARGET))
    first, second = source.read_bytes(), target.read_bytes()
    source.write_bytes(second)
    target.write_bytes(first)
    assert "not the vocabulary" in refused(copy)


def edit(folder: Path, **changes: object) -> None:
    values = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(values | changes))


def test_another_format_is_named(copy: Path) -> None:
    edit(copy, format=2)
    assert "has format 2, this program reads 1" in refused(copy)


def test_an_unknown_key_is_named(copy: Path) -> None:
    edit(copy, colour="blue")
    assert "unknown key 'colour'" in refused(copy)
    edit(copy, **{"two\nlines": 1})
    refused(copy)


def test_a_config_of_another_shape_names_the_tensor(copy: Path) -> None:
    edit(copy, model=tiny_config(tied=False, embedding=7).model_dump())
    assert "encoder.embedding.weight is (350, 6), the config says (350, 7)" in refused(copy)
    edit(copy, model=tiny_config(tied=False, encoder_layers=2).model_dump())
    assert "lacks bridge" in refused(copy) or "lacks encoder.backwards.1" in refused(copy)
    edit(copy, model=tiny_config(tied=True).model_dump())
    assert "unknown tensor decoder.output.weight" in refused(copy)


def test_weights_that_are_no_numbers_are_refused(copy: Path) -> None:
    weights = load_file(copy / WEIGHTS)
    weights["decoder.output.bias"][3] = float("nan")
    save_file(weights, copy / WEIGHTS)
    edit(copy, weights=digest((copy / WEIGHTS).read_bytes()))
    assert "decoder.output.bias" in refused(copy)


def test_what_is_no_checkpoint_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / CONFIG).write_text('{"architectures": ["T5"], "vocab_size": 3}')
    assert "is not a folder" in refused(tmp_path / "file")
    assert "is not a folder" in refused(tmp_path / "nowhere")
    assert "is not a folder" in refused(tmp_path / ("n" * 3000))
    assert "is not a checkpoint" in refused(tmp_path / "empty")
    assert "foreign" in refused(tmp_path / "foreign")
    (tmp_path / "foreign" / CONFIG).write_text("[1]")
    refused(tmp_path / "foreign")
    (tmp_path / "foreign" / CONFIG).write_text("9" * 5000)
    refused(tmp_path / "foreign")


def test_reading_the_config_needs_no_weights(copy: Path) -> None:
    (copy / WEIGHTS).unlink()
    assert read_config(copy).target == "en"


# -- what a stranger may hand over -----------------------------------------------------------------------------


def test_a_config_that_asks_for_more_than_the_file_holds_is_refused_before_any_memory_is(copy: Path) -> None:
    """Its model would have five thousand million parameters."""
    largest = {"embedding": 4096, "encoder_layers": 8, "encoder_hidden": 4096, "decoder_layers": 8,
               "decoder_hidden": 4096, "attention_hidden": 4096}  # fmt: skip
    edit(copy, model=tiny_config(tied=False).model_dump() | largest)
    assert "so it belongs to another model" in refused(copy)
    edit(copy, model=tiny_config(tied=False).model_dump() | {"embedding": 4096})
    assert "the config says (350, 4096)" in refused(copy)


@pytest.mark.parametrize("kind", [[], {}, 3, None, True, "x" * 10**6, ["captions"]])
def test_any_kind_is_one_short_error(copy: Path, kind: object) -> None:
    edit(copy, kind=kind)
    assert len(refused(copy)) < 400


@pytest.mark.parametrize(
    "values",
    [
        {"format": "2" * 10**6},
        {"source": "f" * 10**6},
        {"vocabulary": {"source": "a" * 10**6}},
        {"x" * 10**6: 1},
        {"model": {"cell": "y" * 10**6}},
        {"alpha": "z" * 10**6},
    ],
)
def test_errors_stay_short_whatever_a_config_holds(copy: Path, values: dict[str, object]) -> None:
    edit(copy, **values)
    assert len(refused(copy).replace(str(copy), "")) <= 300


def test_a_header_that_quotes_millions_of_letters_is_one_short_error(copy: Path) -> None:
    for text in (b'{"' + b"a" * 3_000_000 + b'": 1}', b'"' + b"a" * 900_000 + b'"'):
        (copy / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text)
        assert len(refused(copy).replace(str(copy), "")) <= 300


def test_a_vocabulary_with_a_piece_that_is_not_text_is_refused(copy: Path) -> None:
    proto = (copy / TARGET).read_bytes().replace("▁the".encode(), b"\xff\xfe\xfdthe", 1)
    (copy / TARGET).write_bytes(proto)
    vocabulary = json.loads((copy / CONFIG).read_text())["vocabulary"]
    edit(copy, vocabulary=vocabulary | {"target": digest(proto)})
    assert TARGET in refused(copy)


@pytest.mark.parametrize(
    "line",
    [
        b'{"valid": 5}',
        b'{"update": "x"}',
        b'{"update": 4, "valid": {"bleu": "high"}}',
        b'{"update": 4, "samples": "text"}',
        b'{"update": 4, "samples": [1]}',
        b'{"update": 4, "loss": [1]}',
        b'{"update": 1, "valid": {"bleu": 1' + b"0" * 400 + b"}}",
        b"[]",
        b"\x00\xff",
        '{"update": 1}'.encode("utf-16"),
        b"[" * 100_000,
    ],
)
def test_a_history_that_no_training_writes_is_refused_when_the_checkpoint_is_read(copy: Path, line: bytes) -> None:
    (copy / "history.jsonl").write_bytes(b'{"update": 2, "loss": 1.0}\n' + line + b"\n")
    assert "history.jsonl" in refused(copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.double() * 1e300,
        lambda t: t.float() + 3e38,
        lambda t: t.to(torch.int8),
        lambda t: t.bool(),
        lambda t: t.to(torch.float8_e4m3fn),
        lambda t: t.to(torch.complex64),
    ],
)
def test_weights_of_other_kinds_or_that_would_overflow_are_refused(
    copy: Path, change: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    weights = load_file(copy / WEIGHTS)
    weights["decoder.output.bias"] = change(weights["decoder.output.bias"].float())
    save_file(weights, copy / WEIGHTS)
    edit(copy, weights=digest((copy / WEIGHTS).read_bytes()))
    assert "decoder.output.bias holds" in refused(copy)


@settings(max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_vocabulary_with_a_changed_byte_is_read_or_refused(
    tokenizers: tuple[Tokenizer, Tokenizer], place: float, byte: int
) -> None:
    data = bytearray(tokenizers[0].proto)
    data[int(place * len(data))] = byte
    with suppress(CheckpointError):
        Tokenizer(bytes(data)).encode("il fait froid")


def test_the_fingerprint_covers_config_vocabularies_and_weights(copy: Path) -> None:
    def found() -> str:
        return read_checkpoint(copy).fingerprint

    first = found()
    assert found() == first
    edit(copy, alpha=1.5)
    with_alpha = found()
    proto = Tokenizer.train([english + " Hello" for _, english in PAIRS], "bpe", 340).proto
    (copy / TARGET).write_bytes(proto)
    vocabulary = json.loads((copy / CONFIG).read_text())["vocabulary"]
    edit(copy, vocabulary=vocabulary | {"target": digest(proto)})
    with_words = found()
    weights = load_file(copy / WEIGHTS)
    save_file({name: value + 1 for name, value in weights.items()}, copy / WEIGHTS)
    edit(copy, weights=digest((copy / WEIGHTS).read_bytes()))
    assert len({first, with_alpha, with_words, found()}) == 4


def test_a_loaded_model_shares_what_was_shared_and_keeps_nothing_on_the_meta_device(
    tmp_path: Path, tokenizers: tuple[Tokenizer, Tokenizer]
) -> None:
    source, target = tokenizers
    shape = tiny_config(tied=True, input_feeding=True, layer_norm=True)
    model = fill(TranslationModel(shape, len(source), len(target)))
    config = record(tokenizers, tied=True).model_copy(update={"model": shape})
    write_checkpoint(tmp_path / "m", config, model, source, target, {})
    read = read_checkpoint(tmp_path / "m").model
    assert read.decoder.output.weight is read.decoder.embedding.weight
    assert not any(value.is_meta for value in (*read.parameters(), *read.buffers()))
    assert {name: value.shape for name, value in read.named_parameters()} == {
        name: value.shape for name, value in model.named_parameters()
    }


def test_loading_draws_no_random_number(tiny_checkpoint: Path) -> None:
    before = torch.get_rng_state()
    read_checkpoint(tiny_checkpoint)
    assert torch.equal(before, torch.get_rng_state())


def test_matrices_in_8_bits_are_read_as_floating_point(copy: Path, tmp_path: Path) -> None:
    shrink_checkpoint(tmp_path / "small", copy)
    whole, small = read_checkpoint(copy), read_checkpoint(tmp_path / "small")
    for (name, value), other in zip(whole.model.named_parameters(), small.model.parameters(), strict=True):
        step = value.abs().amax(-1, keepdim=True) / 127 if value.dim() == 2 else value.abs() * 0
        assert bool(((value - other).abs() <= step * 0.51 + 1e-6).all()), name
    assert (tmp_path / "small" / "README.md").read_text() == (copy / "README.md").read_text()
    assert header(tmp_path / "small" / WEIGHTS).keys() >= {"decoder.output.bias", "encoder.embedding.weight.scales"}


def test_scales_of_no_matrix_are_refused(copy: Path) -> None:
    tensors = load_file(copy / "weights.safetensors")
    tensors["decoder.output.bias.scales"] = torch.ones(1, dtype=torch.float16)
    save_file(tensors, copy / "weights.safetensors")
    with pytest.raises(CheckpointError, match="unknown tensor"):
        read_checkpoint(copy)
