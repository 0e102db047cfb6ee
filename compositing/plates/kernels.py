"""Compiled functions, cached on disk by the digest of every source that they could have been made from.

Numba's own cache looks at one file's time stamp only: a kernel that calls another file's kernel would go on running the
old code after an upgrade. So the cache folder carries the digest of this package, and lies beside the sources or, where
those can't be written, under the system's temporary folder.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from compositing.devices import once

_HERE = Path(__file__).parent
KEPT_CACHES, UNTOUCHED_S = 4, 3600


def _digest() -> str:
    found = hashlib.sha256(numba.__version__.encode())
    for path in sorted(_HERE.glob("*.py")):  # scenes and families hold no kernels
        held = path.read_bytes()
        if b"@kernel" in held or path.name == "scene.py":  # whose numbers the kernels take in as they are compiled
            found.update(path.relative_to(_HERE).as_posix().encode())
            found.update(held)
    return found.hexdigest()[:16]


def _cache_folder() -> Path:
    beside = _HERE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        if os.access(beside, os.W_OK):
            return beside / f"kernels-{_digest()}"
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"huo-kernels-{os.getuid()}" / _digest()


def _prune(folder: Path) -> None:
    """Before a new cache is made, drop those of older sources beside it but the newest few, and none that somebody
    wrote to within the hour: another checkout or another worker may be at it."""
    if folder.exists():
        return
    try:
        others = [(max(part.stat().st_mtime for part in (one, *one.iterdir())), one)
                  for one in folder.parent.glob("kernels-*") if one.is_dir()]  # fmt: skip
        for written, one in sorted(others, reverse=True)[KEPT_CACHES:]:
            if time.time() - written > UNTOUCHED_S:
                shutil.rmtree(one, ignore_errors=True)
    except OSError:
        return  # somebody else tidies it, or it is not ours


_FOLDER = _cache_folder()
_prune(_FOLDER)


STACK = 40  # nodes that a walk down a tree of bounds may have to come back to


@intrinsic
def on_the_stack(_typing: Any) -> Any:
    """STACK int32 on the machine's own stack, to be read by `numba.carray`: an array would be fetched from the heap for
    every ray."""

    def build(_context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        return cgutils.alloca_once(builder, ir.IntType(32), size=STACK)

    return types.CPointer(types.int32)(), build


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` to machine code at its first call; strict floating point, so that runs agree to the byte."""
    before = config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]
    try:
        return once(numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function))
    finally:
        config.CACHE_DIR = before  # type: ignore[attr-defined]
