"""A stand-in for a GPU, on machines without one: tensors in the CPU's memory that say that they are on cuda:0.

As those of a GPU they refuse to meet tensors from elsewhere, and to be read by NumPy. What they compute is what the
CPU computes. For inference and gradients; not for training, which asks CUDA itself (for random states).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_iter, tree_map

_CUDA = torch.device("cuda", 0)
_AS_THEY_ARE = torch._C.DisableTorchFunctionSubclass
_INDEXING = ("__getitem__", "__setitem__")  # whose index may be on the CPU


class OnCuda(Tensor):
    """A tensor that says that it is on cuda:0."""

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what a function of tensors returns. Raises RuntimeError if one of them is not on cuda:0."""
        if function == Tensor.device.__get__:
            return _CUDA
        name = getattr(function, "__name__", "")
        if name in ("numpy", "__array__"):
            raise TypeError("can't convert cuda:0 device type tensor to numpy; use Tensor.cpu() first")
        if name == "_has_compatible_shallow_copy_type":  # so that a module's weights are replaced when it moves
            return False
        with _AS_THEY_ARE():
            if name == "cpu":
                return args[0].clone().as_subclass(Tensor)
            if name == "to":
                return _moved(*args, **kwargs or {})
            if name != "copy_":
                _check(name, args, kwargs or {})
            given = dict(kwargs or {})
            leaves = not _is_cuda(given.pop("device", None) or _CUDA)
            found = function(*args, **given)
            return found if leaves or name in ("tolist", "item") else tree_map(_on_cuda, found)


class _Cuda(TorchFunctionMode):
    """Makes and moves tensors to the stand-in where PyTorch is told to use cuda."""

    def __torch_function__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if any(isinstance(each, OnCuda) for each in tree_iter((args, given))):
            return function(*args, **given)
        with _AS_THEY_ARE():
            if function is Tensor.to:
                return _moved(*args, **given)
            if _is_cuda(given.get("device")):
                del given["device"]
                return _on_cuda(function(*args, **given))
        return function(*args, **given)


@contextmanager
def stand_in_for_cuda() -> Iterator[None]:
    """Let "cuda" mean the stand-in."""
    with _Cuda():
        yield


def _is_cuda(device: object) -> bool:
    return isinstance(device, str | torch.device) and torch.device(device).type == "cuda"


def _on_cuda(value: Any) -> Any:
    return value.as_subclass(OnCuda) if isinstance(value, Tensor) and not isinstance(value, OnCuda) else value


def _moved(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Return what `tensor.to` returns."""
    given = [*args, kwargs.get("device")]
    devices = [each for each in given if isinstance(each, str | torch.device)]
    there = _is_cuda(devices[0]) if devices else isinstance(tensor, OnCuda)
    kept = [each for each in args if not isinstance(each, str | torch.device | bool | None)]
    named = {key: value for key, value in kwargs.items() if key != "device" and value is not None}
    moves = there != isinstance(tensor, OnCuda)
    found = tensor.to(*kept, **named) if kept or named else tensor
    found = found.clone() if moves and found is tensor else found
    return _on_cuda(found) if there else found.as_subclass(Tensor)


def _tensors(given: Any) -> list[Tensor]:
    return [each for each in tree_iter(given) if isinstance(each, Tensor)]


def _check(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise RuntimeError if tensors from elsewhere are among the arguments, as CUDA's operations do."""
    if name in _INDEXING:
        indexed, index, *value = args
        wrong = not isinstance(indexed, OnCuda) and any(
            isinstance(each, OnCuda) for each in _tensors((index, value))
        )
        wrong = wrong or any(each.dim() and not isinstance(each, OnCuda) for each in _tensors(value))
    else:
        every = _tensors((args, kwargs))
        # A number may be on the CPU, but not the number of an embedding.
        wrong = any(not isinstance(each, OnCuda) and (each.dim() or name == "embedding") for each in every)
    if wrong:
        raise RuntimeError(f"{name}: expected all tensors to be on the same device, but they are on cuda:0 and cpu")
