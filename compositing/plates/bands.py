"""Work cut in bands of fixed size: whatever the number of threads, each band's numbers are the same."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

THREADS = max(1, min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def in_bands(
    count: int, size: int, work: Callable[[int, int], object], report: Callable[[float], None] | None = None
) -> None:
    """Call work(low, high) over 0..count in bands of `size`, which must free the GIL; report(share done) after each."""
    spans = [(low, min(count, low + size)) for low in range(0, count, size)]
    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(work, *span) for span in spans]
        try:
            for done, future in enumerate(as_completed(running), 1):
                future.result()
                if report:
                    report(done / len(spans))
        except BaseException:
            for future in running:
                future.cancel()
            raise
