"""How many frames at once: by free memory, halved when it runs out all the same."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from compositing.errors import EngineError

Item = TypeVar("Item")
Made = TypeVar("Made")
log = logging.getLogger(__name__)
BYTES_PER_PIXEL = 4 * 90  # float32 planes alive at once at the fullest step, measured on CPU tensors, and a third more
SHARE = 0.7  # of what is free: others may be at work on the device


def free_bytes(device: torch.device) -> int:
    """Memory free on the device; for the CPU a quarter of 4 GiB, since frames there gain little from company."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return 2**30


def batch_size(width: int, height: int, device: torch.device, most: int = 64) -> int:
    """How many frames of that size fit, at least 1 and at most `most`."""
    return max(1, min(most, int(free_bytes(device) * SHARE / (width * height * BYTES_PER_PIXEL))))


def in_batches(items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Made]], size: int) -> Iterator[Made]:
    """`work` over items, `size` at a time, in order. Out of memory halves the size and does the same frames again.

    Raises EngineError where not even one frame fits.
    """
    done, size = 0, min(size, max(1, len(items)))
    while done < len(items):
        try:
            made = work(items[done : done + size])
        except torch.OutOfMemoryError as error:
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            if size == 1:
                raise EngineError(
                    "The GPU has too little free memory for one frame: close what else uses it, or render on the CPU.",
                    code="gpu_memory",
                ) from error
            size = max(1, size // 2)
            log.warning("out of GPU memory, going on with smaller batches", extra={"frames": size})
            continue
        done += size
        yield from made
