"""Everything the engine can refuse or fail at. Standard library only: safe to import in the web process.

`str(error)` is an English sentence fit for the screen. `code` and `params` say the same thing to a program, so that the
studio can word it in the reader's own language: `_(MESSAGES[error.code]) % error.params`.
"""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """The engine could not do what was asked. The base of all the others."""

    code = "engine_failed"

    def __init__(self, message: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.params: dict[str, Any] = params

    def to_wire(self) -> dict[str, Any]:
        """This error as plain JSON types, for the pipe between child and parent."""
        return {"type": type(self).__name__, "message": str(self), "code": self.code, "params": self.params}


class Refused(EngineError):
    """The input is not something we take. Trying again with the same file gives the same answer."""

    code = "refused"


class MediaError(Refused):
    """The file claims to be a picture or a film, and reading it failed part of the way."""

    code = "unreadable"


class ShapeError(EngineError, ValueError):
    """An array has another shape or type than the function takes. Says both sides."""

    code = "wrong_shape"


class Cancelled(EngineError):
    """Somebody asked for the work to stop, and it has stopped."""

    code = "cancelled"


class ChildCrashed(EngineError):
    """The child process that did the work ended before it answered: a limit, a signal, or a bug in a codec.

    `code` is one of child_memory, child_cpu, child_time, child_file_size, child_signal, child_gone.
    """

    code = "child_gone"


_TYPES = {cls.__name__: cls for cls in (EngineError, Refused, MediaError, ShapeError, Cancelled, ChildCrashed)}


def from_wire(answer: dict[str, Any]) -> EngineError:
    """The error that `to_wire` described; an unknown type comes back as plain EngineError."""
    cls = _TYPES.get(str(answer.get("type")), EngineError)
    params = {
        str(key): value for key, value in dict(answer.get("params") or {}).items() if key not in ("code", "message")
    }
    return cls(str(answer.get("message") or "The picture engine failed."), code=answer.get("code"), **params)
