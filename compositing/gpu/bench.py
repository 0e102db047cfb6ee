"""How fast the twin keys and comps, without decoding and encoding, beside what the device's memory could do."""

import time
from typing import Any

import torch

from compositing.gpu.batches import batch_size
from compositing.gpu.study import Study, comped, maps_for

# Bytes that must cross the memory once per pixel at least: plate in, background in, comp and alpha out, float32.
LEAST_BYTES = 4 * (3 + 3 + 3 + 1)
NO_GPU = "There is no CUDA device here, so the GPU's speed was not measured; tests hold its maths to the CPU engine's."


def bandwidth(device: torch.device, megabytes: int = 512) -> float:
    """Bytes per second that a plain copy reaches on the device (read and written counted both)."""
    source = torch.empty(megabytes * 2**18, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    torch.cuda.synchronize(device)
    began = time.perf_counter()
    for _ in range(20):
        target.copy_(source)
    torch.cuda.synchronize(device)
    return 20 * 2 * source.nbytes / (time.perf_counter() - began)


def measure(study: Study, frame: torch.Tensor, rounds: int = 20) -> dict[str, Any]:
    """Frames per second of a batch of one (3, H, W) frame on CUDA, and peak memory; without a GPU, a sentence."""
    if not torch.cuda.is_available():
        return {"gpu": None, "note": NO_GPU}
    device = torch.device("cuda")
    height, width = frame.shape[1:]
    size = batch_size(width, height, device)
    batch = frame.to(device).unsqueeze(0).repeat(size, 1, 1, 1)
    background = torch.full_like(batch[:1], 0.18)
    maps = maps_for(study, batch[:1]).repeat(size, 1, 1, 1)
    torch.cuda.reset_peak_memory_stats(device)
    for _ in range(3):
        comped(study, batch, background, maps)
    torch.cuda.synchronize(device)
    began = time.perf_counter()
    for _ in range(rounds):
        comped(study, batch, background, maps)
    torch.cuda.synchronize(device)
    seconds = time.perf_counter() - began
    began_maps = time.perf_counter()
    maps_for(study, batch[: min(8, size)])
    maps_each = (time.perf_counter() - began_maps) / min(8, size)
    fps = rounds * size / seconds
    copy = bandwidth(device)
    return {
        "gpu": torch.cuda.get_device_name(device), "frames_per_second": round(fps, 1), "batch": size,
        "size": [width, height], "peak_mb": round(torch.cuda.max_memory_allocated(device) / 2**20),
        "copy_gb_per_s": round(copy / 1e9), "share_of_bandwidth": round(fps * width * height * LEAST_BYTES / copy, 3),
        "maps_on_cpu_ms_per_frame": round(maps_each * 1e3, 1),
        "note": "key and comp of frames in GPU memory; the small maps are fitted on CPU threads beside it",
    }  # fmt: skip
