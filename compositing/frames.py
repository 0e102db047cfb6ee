"""A comp's frames made on several threads and handed on in order, a few ahead of the reader."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2

from compositing.devices import threads
from compositing.fused import Fused
from compositing.graph import Comp, Frame


def frames_in_order(
    comp: Comp,
    start: int,
    stop: int,
    work: Callable[[int, Frame], Any],
    workers: int | None = None,
    before: Callable[[], None] | None = None,
    seen: Callable[[int, list[Any]], None] | None = None,
    fused: Fused | None = None,
) -> Iterator[tuple[int, Any]]:
    """(frame number, work(number, frame)) in order; frames are made on several threads, a few ahead of the reader.

    Where the comp looks at neighbouring frames (`comp.reach`), those are read too, also before `start` and beyond
    `stop`. before: called before each frame is begun. seen: given each frame's raws as they are read. fused: its
    pictures are given instead of `work`'s.
    """
    workers = workers or threads()
    reach = 0 if fused is not None else comp.reach
    first, last = max(0, start - reach), min(comp.recipe.frame_count, stop + reach)

    def compose(index: int, near: list[_Part], at: int) -> Any:
        return work(index, comp.composed(index, [future.result() for future in near], at))

    at_once = max(1, min(workers, comp.at_once))
    group: list[tuple[int, list[Any]]] = []
    cv2.setNumThreads(1)  # frames are the unit of parallel work; OpenCV's own threads would only get in the way
    with ThreadPoolExecutor(workers, "frames") as pool:
        keyed: deque[tuple[int, _Part]] = deque()  # one pool runs in order: what a frame waits for began earlier
        waiting: deque[tuple[int, Future[Any]]] = deque()
        due = start
        try:
            for index, raws in enumerate(comp.raw(first, last), first):
                if before is not None and start <= index < stop:
                    before()
                if seen is not None and start <= index < stop:
                    seen(index, raws)
                if fused is not None:
                    waiting.append((index, pool.submit(fused.pictures, index, raws)))
                else:
                    group.append((index, raws))
                    if len(group) < at_once and index < last - 1:
                        continue
                    numbers = [number for number, _ in group]
                    batch = pool.submit(comp.keyed_many, numbers, [raws for _, raws in group])
                    keyed.extend((number, _Part(batch, place)) for place, number in enumerate(numbers))
                    group = []
                while fused is None and due < stop and (index >= due + reach or index == last - 1):
                    while keyed[0][0] < due - reach:
                        keyed.popleft()
                    near = [future for place, future in keyed if abs(place - due) <= reach]
                    at = sum(place < due for place, _ in keyed)
                    waiting.append((due, pool.submit(compose, due, near, at)))
                    due += 1
                while len(waiting) > workers:
                    place, future = waiting.popleft()
                    yield place, future.result()
            while waiting:
                place, future = waiting.popleft()
                yield place, future.result()
        finally:
            for _, part in keyed:
                part.cancel()
            for _, future in waiting:
                future.cancel()


@dataclass(frozen=True)
class _Part:
    """One frame of a batch's future."""

    batch: Future[list[Any]]
    place: int

    def result(self) -> Any:
        return self.batch.result()[self.place]

    def cancel(self) -> None:
        self.batch.cancel()
