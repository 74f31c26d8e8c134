"""The matrix-product throughput of this machine: the bound that speeds are compared with."""

import platform
import time
from pathlib import Path

import torch


def matmul_gflops(dtype: torch.dtype, size: int = 1024, tries: int = 20) -> float:
    """Return the billions of floating-point operations a second of a square matrix product, at its best."""
    one, other = torch.randn(size, size).to(dtype), torch.randn(size, size).to(dtype)
    best = float("inf")
    for _ in range(tries):
        start = time.perf_counter()
        one @ other
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def describe() -> str:
    """Return the processor's name and its vector and bfloat16 instruction sets."""
    names = _info("model name")
    return f"{names or platform.processor()} ({', '.join(_kinds())}), torch {torch.__version__}"


def kind() -> str:
    """Return the processor's best instruction set, which names result files: processors differ too much."""
    return (_kinds() or [platform.machine()])[-1]


def _kinds() -> list[str]:
    flags = _info("flags").split()
    return [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags]


def _info(key: str) -> str:
    """Return the first processor's value of `key`, or "" on a system without /proc/cpuinfo."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
