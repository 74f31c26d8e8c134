"""How this process gets its memory from the system."""

import ctypes
import sys

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # names of malloc.h
_LARGEST = 2**31 - 1


def keep_freed_memory() -> None:
    """Tell the C library to keep freed memory for the next tensor; where it is not glibc, do nothing.

    By default glibc hands every tensor of some megabytes back to the system, and the next one of its size costs a
    page fault for each 4 kB. That was an eighth of a training update. A process then stays as large as it was at
    its largest, so the app leaves this alone.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 2**30)
        mallopt(_TRIM_THRESHOLD, _LARGEST)
