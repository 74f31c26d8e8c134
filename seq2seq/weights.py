"""Weights on disk: safetensors, read strictly; header, names and shapes are checked before memory is allocated.

A model is built on the meta device, where tensors have a shape but no storage, and then adopts the file's tensors.
So a config larger than its weights file is refused before anything of that size is allocated, and no initial
weights are drawn in vain.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from seq2seq.digests import digest
from seq2seq.errors import CheckpointError, reason

M = TypeVar("M", bound=nn.Module)
SCALES = ".scales"  # after the name of a matrix in 8 bits
_MATRIX = 2  # dimensions
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_LARGEST_WEIGHT = torch.finfo(torch.float16).max
_LONGEST_HEADER = 2**20  # bytes; a shipped model's header has 2 to 60 kB


def write_weights(model: nn.Module, path: Path, *, int8: bool = False) -> None:
    """Write the model's weights in float16, each shared tensor once; int8: matrices in 8 bits (`packed_rows`)."""
    tensors = {name: value.detach().to(torch.float16).contiguous() for name, value in distinct(model)}
    if int8:
        for name, value in distinct(model):
            if value.dim() == _MATRIX:
                tensors[name], tensors[name + SCALES] = packed_rows(value.detach())
    path.write_bytes(save(tensors))  # save_file of safetensors ignores the umask and makes the file private


def packed_rows(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return a matrix as integers of 8 bits, and the scale of each row in float16."""
    # A scale that float16 rounds down would let the largest number of a row overflow.
    scales = (matrix.abs().amax(1) / 127).clamp_min(1e-6).half()
    return (matrix / scales.float()[:, None]).round().clamp(-127, 127).to(torch.int8), scales


def unpacked_rows(codes: Tensor, scales: Tensor) -> Tensor:
    """Return the matrix of `packed_rows` in float32."""
    return codes.float() * scales.float()[:, None]


def _unpacked(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a file by the model's names, matrices in 8 bits as float32; others as they are."""
    found = dict(tensors)
    for name in [name for name in found if name.endswith(SCALES)]:
        codes, scales = found.get(name.removesuffix(SCALES)), found[name]
        if (
            codes is not None
            and codes.dtype == torch.int8
            and codes.dim() == _MATRIX
            and scales.shape == codes.shape[:1]
        ):
            found[name.removesuffix(SCALES)] = unpacked_rows(codes, found.pop(name))
    return found


def distinct(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors saved for a model: parameters, a shared one under its first name only, and buffers."""
    yield from model.named_parameters()
    yield from model.named_buffers()


class Uninitialised(TorchFunctionMode):
    """Leaves out random initial values: for those on the meta device torch would load its whole compiler."""

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if getattr(func, "__name__", "") in ("normal_", "uniform_"):
            return args[0] if args else named["tensor"]
        return func(*args, **named)


def load_model(build: Callable[[], M], path: Path, expected: str | None) -> tuple[M, str]:
    """Return the model that `build` makes with the weights of a file, in float32, and the file's digest.

    build: called on the meta device, so that nothing is allocated before the file's header is checked.
    expected: the required digest of the file, or None.
    Raises CheckpointError that names the first tensor that does not match, or says that the digest differs.
    """
    with torch.device("meta"), Uninitialised():
        model = build()
    wanted = {name: tuple(value.shape) for name, value in distinct(model)}
    check_shapes(_without_scales(header(path), wanted), wanted, path)
    tensors, found = read_with_digest(path)
    tensors = _unpacked(tensors)
    if expected not in (None, found):
        raise CheckpointError(f"{path} is not the file that was saved here; copy the whole folder again.")
    check_shapes({name: tuple(value.shape) for name, value in tensors.items()}, wanted, path)
    assign(model, finite(emptied(tensors), path))
    return model, found


def _without_scales(
    found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a file without those of the scales of the model's matrices, one a row."""
    scales = {name + SCALES: shape[:1] for name, shape in wanted.items() if len(shape) == _MATRIX}
    return {name: shape for name, shape in found.items() if scales.get(name) != shape}


def header(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor of a safetensors file, without reading them.

    Raises CheckpointError if the file is missing or damaged, or its header is longer than any model's.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
        if length > _LONGEST_HEADER:
            raise CheckpointError(f"{path} is damaged (a header of {length:,} bytes); copy it again.")
        with safetensors.safe_open(path, framework="pt") as opened:
            names = opened.keys()  # the file itself is no mapping
            return {name: tuple(opened.get_slice(name).get_shape()) for name in names}
    except FileNotFoundError:
        raise _missing(path) from None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError) as failure:
        raise _damaged(path, failure) from None


def read_with_digest(path: Path) -> tuple[dict[str, Tensor], str]:
    """Return the tensors of a safetensors file and its digest, both from a single read.

    Raises CheckpointError if it is damaged or missing.
    """
    try:
        data = path.read_bytes()
        return load(data), digest(data)
    except FileNotFoundError:
        raise _missing(path) from None
    except (safetensors.SafetensorError, OSError, ValueError, KeyError) as failure:
        raise _damaged(path, failure) from None


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file. Raises CheckpointError if it is damaged or missing."""
    return read_with_digest(path)[0]


def check_shapes(found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]], where: Path) -> None:
    """Raise CheckpointError that names the first tensor which is missing, unknown or of another shape."""
    for name in sorted(wanted.keys() ^ found.keys()):
        what = "lacks" if name in wanted else "has an unknown tensor"
        raise CheckpointError(f"{where} {what} {name}, so it belongs to another model; copy the whole folder.")
    for name, shape in wanted.items():
        if found[name] != shape:
            raise CheckpointError(
                f"{where}: {name} is {found[name]}, the config says {shape}; copy the whole folder."
            )


def finite(tensors: Iterable[tuple[str, Tensor]], where: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield named tensors in float32.

    Raises CheckpointError for a tensor that is not 16 to 64 bit floating point, or has values outside the finite
    range of float16, in which weights are saved: NaN, infinities, and values that would overflow in a product.
    """
    for name, tensor in tensors:
        if tensor.dtype not in _FLOATS:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise CheckpointError(f"{where} is damaged ({name} holds {kind}, not floating point); copy it again.")
        values = tensor.to(torch.float32)
        if not bool((values.abs() <= _LARGEST_WEIGHT).all()):  # also false for NaN
            raise CheckpointError(f"{where} is damaged ({name} holds invalid values); copy it again.")
        yield name, values


def emptied(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield a dictionary's tensors and take them out of it, so that each can be freed once it is converted."""
    for name in list(tensors):
        yield name, tensors.pop(name)


def assign(model: nn.Module, tensors: Iterator[tuple[str, Tensor]]) -> None:
    """Make `tensors` the model's own, in place of those of the meta device; tied parameters stay tied."""
    names = {id(value): name for name, value in distinct(model)}
    parameters = {name for name, _ in model.named_parameters()}
    given = {name: nn.Parameter(value) if name in parameters else value for name, value in tensors}
    # keep_vars hands out the model's own tensors, so that two names of a tied one get the same Parameter.
    state = {name: given[names[id(value)]] for name, value in model.state_dict(keep_vars=True).items()}
    model.load_state_dict(state, assign=True)


def fill_weights(model: nn.Module, weights: Mapping[str, Tensor], where: Path) -> None:
    """Copy `weights` into an initialised model; names and shapes must match exactly.

    Raises CheckpointError that names the first tensor that does not match.
    """
    own = dict(distinct(model))
    wanted = {name: tuple(value.shape) for name, value in own.items()}
    check_shapes({name: tuple(value.shape) for name, value in weights.items()}, wanted, where)
    for name, tensor in finite(weights.items(), where):
        with torch.no_grad():
            own[name].copy_(tensor)


def _missing(path: Path) -> CheckpointError:
    return CheckpointError(f"{path} is missing, so the checkpoint is half written; copy it again.")


def _damaged(path: Path, failure: Exception) -> CheckpointError:
    return CheckpointError(f"{path} is damaged ({reason(failure)}); copy it again.")
