"""How far the seeding is, and how long it will still take."""

import threading
import time
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

# About how long each kind of work takes beside another one on two cores, in seconds.
WEIGHTS = {"footage.proxy": 4.0, "footage.probe": 0.6, "generation.draw": 3.0, "comps.render": 6.0, "media.adopt": 0.3}


class Meter:
    """Writes lines such as `12.3 s  rendered EP01_SC01_SH020 v001 (about 20 s left)`.

    done: how many jobs of each kind have ended so far, whoever ran them.
    """

    def __init__(
        self, write: Callable[[str], None], planned: Mapping[str, int], done: Callable[[], Mapping[str, int]]
    ) -> None:
        self._write, self._done, self._lock = write, done, threading.Lock()
        self._began, self._total = time.monotonic(), _weight(planned)

    def say(self, what: str) -> None:
        elapsed_s, done = time.monotonic() - self._began, _weight(self._done())
        words = f"{elapsed_s:5.1f} s  {what}"
        if self._total / 8 < done < self._total:
            left_s = max(1, round(elapsed_s / done * (self._total - done)))
            words += " " + _("(about %(seconds)d s left)") % {"seconds": left_s}
        with self._lock:
            self._write(words)


def _weight(counts: Mapping[str, int]) -> float:
    return sum(WEIGHTS.get(kind, 0.0) * count for kind, count in counts.items())
