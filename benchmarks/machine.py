"""What this machine can do: the bound that speeds are measured against."""

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
    """Return the processor's name and what it has for bfloat16."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    kinds = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {name}" in flags]
    return f"{names[0] if names else platform.processor()} ({', '.join(kinds)}), torch {torch.__version__}"
