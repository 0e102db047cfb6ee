"""What runs the maths: how kernels are compiled and where their machine code is kept, how many threads work."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _cache_folder() -> str:
    """A folder Numba may keep compiled kernels in: NUMBA_CACHE_DIR, else the user's cache, else a temporary folder."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return given
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for folder in (
        Path(base) / "huo-studio" / "numba",
        Path(tempfile.gettempdir()) / f"huo-studio-numba-{os.getuid()}",
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return tempfile.gettempdir()


# Before the first import of numba: it reads its settings once.
os.environ["NUMBA_CACHE_DIR"] = _cache_folder()

import numba  # noqa: E402


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for one thread, without the interpreter's lock, keeping the machine code between processes.

    No `parallel=True`: frames are spread over threads instead, because Numba's default threading layer is not safe
    under concurrent callers. "contract" lets the compiler fuse multiply-adds and leaves NaN rules alone.
    """
    return numba.njit(cache=True, nogil=True, fastmath={"contract", "arcp", "nsz"}, error_model="numpy")(function)


def threads() -> int:
    """How many frames are worked on at once: HUO_THREADS, else the processors this process may use, at most 8."""
    if given := os.environ.get("HUO_THREADS", ""):
        return max(1, int(given))
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, usable))
