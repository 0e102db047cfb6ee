"""Whether this machine has a GPU that the torch twin may use, told without loading torch. Standard library only."""

import os
from importlib.util import find_spec
from pathlib import Path

# What a driver for NVIDIA (also under WSL) or AMD cards puts there; torch speaks "cuda" to all of them.
NODES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
AUTO, ENGINE, GPU, TWIN = "auto", "cpu", "cuda", "torch"
SWITCH = "HUO_DEVICE"


def wished() -> str:
    """HUO_DEVICE: "cpu" never uses a GPU, "cuda" and "torch" (the twin on the processor, for tests) always do; "auto",
    and whatever else stands there, leaves it to what is found."""
    given = os.environ.get(SWITCH, AUTO).strip().lower()
    return given if given in (ENGINE, GPU, TWIN) else AUTO


def likely() -> bool:
    """Whether it is worth loading torch: wished for, or a driver's device and torch itself are there."""
    wish = wished()
    if wish != AUTO:
        return wish != ENGINE
    return any(Path(node).exists() for node in NODES) and find_spec("torch") is not None
