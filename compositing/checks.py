"""Look at what came in before working on it: pictures' shapes, and the arguments of operations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import DTypeLike, NDArray

from compositing.errors import Refused, ShapeError

Args = dict[str, Any]


def require_picture(picture: NDArray, channels: int | None, dtype: DTypeLike | None = None) -> None:
    """Raise ShapeError unless `picture` is (H, W, channels), or (H, W) for channels=None; of `dtype` where given."""
    wanted = "(H, W)" if channels is None else f"(H, W, {channels})"
    fits = picture.ndim == 2 if channels is None else picture.ndim == 3 and picture.shape[2] == channels
    if not fits or 0 in picture.shape:
        raise ShapeError(f"expected {wanted}, got {picture.shape}")
    if dtype is not None and picture.dtype != dtype:
        raise ShapeError(f"expected {wanted} {dtype}, got {picture.dtype}")


def whole(args: Args, name: str, least: int, most: int, default: int | None = None) -> int:
    """The whole number `name` among an operation's arguments. Raises Refused (bad_argument) with its range."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(
            f"{name} must be a whole number from {least} to {most}, not {value!r}.",
            code="bad_argument",
            argument=name,
            least=least,
            most=most,
        )
    return value


def existing(args: Args, name: str = "path") -> Path:
    """The path `name` among an operation's arguments, absolute and there. Raises Refused (bad_argument, missing)."""
    value = args.get(name)
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise Refused(f"{name} must be an absolute path, not {value!r}.", code="bad_argument", argument=name)
    path = Path(value)
    if not path.is_file():
        raise Refused(f"{path.name} is no longer there. Upload it again.", code="missing", name=path.name)
    return path


def folder(args: Args, name: str = "out_dir") -> Path:
    """The folder `name` among an operation's arguments, made if need be. Raises Refused (bad_argument)."""
    value = args.get(name)
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise Refused(f"{name} must be an absolute path, not {value!r}.", code="bad_argument", argument=name)
    path = Path(value)
    path.mkdir(parents=True, exist_ok=True)
    return path
