"""Memory allocator settings of this process."""

import ctypes
import sys

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h
_LARGEST = 2**31 - 1


def keep_freed_memory() -> None:
    """Tell glibc to keep freed memory for the next tensor; with another C library, do nothing.

    By default glibc returns every tensor of some megabytes to the system, and the next one of its size costs a
    page fault for each 4 kB. That was an eighth of a training update. A process then stays at its peak size, so
    the app does not call this.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 2**30)
        mallopt(_TRIM_THRESHOLD, _LARGEST)
