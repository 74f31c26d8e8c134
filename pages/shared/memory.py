"""Memory of the server's process: what is loaded stays, what was freed goes back to the system."""

import ctypes
import gc
import sys


def settle() -> None:
    """Have Python's collector pass over all that is loaded now, and give freed memory back; after loading a model.

    Looking through the objects of torch and its like takes the collector 0.1 s each time.
    """
    gc.collect()
    gc.freeze()
    if libc := _libc():
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    """Return glibc, or None on systems that have another C library."""
    if sys.platform != "linux":
        return None
    found = ctypes.CDLL(None)
    return found if hasattr(found, "malloc_trim") else None
