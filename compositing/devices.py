"""What runs the maths: how kernels are compiled and where their machine code is kept, how many threads work."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_FORGET_S = 7 * 86400  # kernels of another version that nobody ran for so long are removed


def _digest() -> str:
    """Of every source here that holds a kernel.

    Numba's own cache looks at one file's time stamp: a kernel that calls another file's would go on running the old
    code after an upgrade, so each state of the sources gets a folder of its own.
    """
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        text = path.read_bytes()
        if b"@kernel" in text:
            found.update(path.relative_to(here).as_posix().encode() + text)
    return found.hexdigest()[:16]


def _base_folder() -> Path:
    """A folder Numba may keep compiled kernels in: NUMBA_CACHE_DIR, else the user's cache, else a temporary folder."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given)
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
            return folder
    return Path(tempfile.gettempdir())


def _cache_folder() -> str:
    base, name = _base_folder(), f"kernels-{_digest()}"
    if base.name.startswith("kernels-"):  # handed down by a parent process
        base = base.parent
    with contextlib.suppress(OSError):
        (base / name).mkdir(parents=True, exist_ok=True)
        os.utime(base / name)
        for other in base.glob("kernels-*"):
            if time.time() - other.stat().st_mtime > _FORGET_S:
                shutil.rmtree(other, ignore_errors=True)
    return str(base / name)


# Before the first import of numba: it reads its settings once.
os.environ["NUMBA_CACHE_DIR"] = _cache_folder()

import numba  # noqa: E402
from numba.core import types  # noqa: E402


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for one thread, without the interpreter's lock, keeping the machine code between processes.

    No `parallel=True`: frames are spread over threads instead, because Numba's default threading layer is not safe
    under concurrent callers. "contract" lets the compiler fuse multiply-adds and leaves NaN rules alone.
    """
    return once(numba.njit(cache=True, nogil=True, fastmath={"contract", "arcp", "nsz"}, error_model="numpy")(function))


def inlined(function: Callable[..., Any]) -> Any:
    """Write `function` out wherever a kernel calls it, before anything is compiled: its scratch is then the caller's,
    of a size that the compiler knows, so that loops over it fill whole vectors."""
    return numba.njit(inline="always")(function)


def once(kernel: Any) -> Any:
    """Have other kernels' calls of `kernel` with written-out numbers use the code for any number.

    Numba would compile it anew for each such number, and for the 0 that a loop's variable starts with: half of all its
    work. The optimizer knows the number all the same, since it inlines the call.
    """
    given = kernel.get_call_template

    def template(args: Any, kws: Any) -> Any:
        return given(tuple(map(_any_number, args)), {name: _any_number(kind) for name, kind in kws.items()})

    kernel.get_call_template = template
    return kernel


def _any_number(kind: Any) -> Any:
    return types.unliteral(kind) if isinstance(kind, types.IntegerLiteral) else kind


def threads() -> int:
    """How many frames are worked on at once: HUO_THREADS, else the processors this process may use, at most 8."""
    if given := os.environ.get("HUO_THREADS", ""):
        return max(1, int(given))
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, usable))


def each(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """[work(item), ...] in the items' order, made on `threads()` threads: for work that leaves the interpreter's lock.

    What comes out hangs on neither their number nor their turns.
    """
    held = list(items)
    workers = min(threads(), len(held))
    if workers < 2:
        return [work(item) for item in held]
    with ThreadPoolExecutor(workers, "each") as pool:
        return list(pool.map(work, held))
