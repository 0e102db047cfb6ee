"""What is freed goes back to the system: the C library would keep it for threads that are long gone.

glibc gives every thread an arena of its own and raises the size from which memory is mapped by itself each time such a
piece is freed, so that a render kept what its study and its closed encoders had used. Elsewhere nothing is done.
"""

import contextlib
import ctypes
import sys
from functools import lru_cache
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # glibc's malloc.h
ARENAS = 2
# Frames' own arrays (3 to 4 MB at 1080 x 1920) are made and dropped all the time and stay in the arenas; encoders'
# pictures, and floats of a whole picture, are mapped and so vanish when they are freed.
MAPPED_FROM = 5 << 20
KEPT = 16 << 20  # of free memory on top of the heap


@lru_cache(maxsize=1)
def _libc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        for name in ("mallopt", "malloc_trim"):  # musl has neither
            getattr(library, name)
        library.malloc_trim.argtypes = [ctypes.c_size_t]
        return library
    return None


@lru_cache(maxsize=1)
def settle() -> None:
    """Set the C library's allocator for work on pictures, once a process."""
    library = _libc()
    if library is not None:
        for what, value in ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, MAPPED_FROM), (_TRIM_THRESHOLD, KEPT)):
            library.mallopt(what, value)


def trim() -> None:
    """Give back what is free inside the heap: between parts of the work that need different memory."""
    library = _libc()
    if library is not None:
        library.malloc_trim(0)
