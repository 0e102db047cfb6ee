"""Which executor keys a render: the engine itself, or the torch twin where a worker finds a GPU.

The twin is loaded by name and only when a render begins on a machine that seems to have one: no other part of the
engine ever waits for torch. What the fused path makes (`fast`) stays with the engine, which is quicker than the way to
the GPU and back.
"""

import importlib
import logging
from typing import Any

from compositing import accelerators
from compositing.keying.keyer import Keyer

log = logging.getLogger(__name__)


def load() -> Any:
    """The twin's module, and torch with it. Raises ImportError, OSError."""
    return importlib.import_module("compositing.gpu.keyer")


class Executor:
    """The choice for one render. device: torch's name of what the twin works on, or None; name: of the card, or why
    there is none to use."""

    def __init__(self) -> None:
        self.device: str | None = None
        self.name = ""
        self._twin: Any = None
        self._twins: list[Any] = []
        if not accelerators.likely():
            return
        try:
            self._twin = load()
        except (ImportError, OSError) as error:  # no torch, or one whose libraries do not load here
            self.name = f"torch could not be loaded: {error}"
        else:
            self.device, self.name = self._twin.device_here()
        log.info("executor chosen", extra={"device": self.device, "reason": self.name})

    @property
    def mark(self) -> str:
        """Part of the name of unfinished chunks: an interrupted render goes on with frames of its own kind alone."""
        return "" if self.device is None else f"-{self.device}"

    def taken(self, keyer: Any) -> Any:
        """The keyer that does this keyer's work here: its twin, or itself."""
        if self.device is None or not isinstance(keyer, Keyer):
            return keyer
        twin = self._twin.TwinKeyer.of(keyer, self.device)
        self._twins.append(twin)
        return twin

    def report(self) -> dict[str, Any]:
        """What keyed the frames, plain JSON, for the version's record: {"device": "cpu"}; where the twin was at work
        its device and name and how many frames each keyed; else, where a GPU was looked for, why it was not used."""
        twin, engine = (sum(one.tally[kind] for one in self._twins) for kind in ("twin", "engine"))
        if twin:
            device = accelerators.TWIN if self.device == "cpu" else str(self.device)
            return {"device": device, "name": self.name, "frames_by_twin": twin, "frames_by_engine": engine}
        return {"device": accelerators.ENGINE} | ({"why": self.name} if self.name and self.device is None else {})
