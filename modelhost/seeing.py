"""What a picture shows, as a direction: from a warm CLIP or DINO and a stored still to whole numbers.

One picture at a time, in full floats: what is beside it never changes its numbers. A picture that is not square is read
in up to three overlapping squares along its longer side, and their directions are added: a portrait's floor and ceiling
count as its middle does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from compositing.errors import Refused
from modelhost import pictures
from modelhost.drawing import stoppable
from modelhost.encoders import ENCODERS, MOST_SIDE, SCALE, VERSION, Encoder, encoder_of
from modelhost.loading import Folder, Shelf, device, fingerprint

MOST_SQUARES = 3


def embed(
    model: str, folder: Folder, paths: Sequence[Path], shelf: Shelf, report: Callable[[int, int, str], None],
    stopping: Callable[[], bool],
) -> dict[str, Any]:  # fmt: skip
    """model: the manifest's sha256. Gives {"version", "vectors" (one per picture: directions of length SCALE, in whole
    numbers), "seconds_milli" (of the CPU where there is no GPU), "fingerprint"}.

    Raises Refused for a folder that is not the approved one or not whole, and for what is no picture; Cancelled.
    """
    clock = time.monotonic if torch.cuda.is_available() else time.process_time
    began = clock()
    report(0, len(paths), "loading")
    vectors = []
    with stoppable(stopping), torch.inference_mode():
        loaded = shelf.encoder(model, folder).what
        encoder = _encoder(folder)
        side, mean, std = _form(encoder, loaded, folder.path)
        for at, path in enumerate(paths):
            squares = np.stack([_pixels(square, side, mean, std) for square in cut(pictures.opened(path))])
            seen = loaded(pixel_values=torch.from_numpy(squares).to(device()))
            vectors.append(_direction(_told(seen).to("cpu", torch.float64).numpy(), folder.path.name))
            report(at + 1, len(paths), "looks")
    return {
        "version": VERSION, "vectors": vectors, "seconds_milli": max(1, round((clock() - began) * 1000)),
        "fingerprint": fingerprint("float32"),
    }  # fmt: skip


def cut(picture: Image.Image) -> list[Image.Image]:
    """The squares that cover a picture, evenly along its longer side, overlapping where they must."""
    flat = picture.convert("RGB")
    short, long = sorted(flat.size)
    count = min(MOST_SQUARES, -(-long // short))
    across = flat.width >= flat.height
    found = []
    for at in range(count):
        first = round(at * (long - short) / max(1, count - 1)) if count > 1 else 0
        box = (first, 0, first + short, short) if across else (0, first, short, first + short)
        found.append(flat.crop(box))
    return found


def _encoder(folder: Folder) -> Encoder:
    told = json.loads((folder.path / "config.json").read_text(encoding="utf-8"))
    return encoder_of(str(told["architectures"][0])) or ENCODERS["clip"]


def _form(encoder: Encoder, loaded: Any, folder: Path) -> tuple[int, np.ndarray, np.ndarray]:
    """(side in pixels, mean, std) as the folder has them, else as the class does."""
    side, patch = int(loaded.config.image_size), int(loaded.config.patch_size)
    if encoder.any_size and side > MOST_SIDE:
        side = MOST_SIDE // patch * patch
    path = folder / "preprocessor_config.json"
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    mean, std = told.get("image_mean") or encoder.mean, told.get("image_std") or encoder.std
    return side, np.asarray(mean, np.float32), np.asarray(std, np.float32)


def _pixels(square: Image.Image, side: int, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """(3, side, side) float32."""
    small = square.resize((side, side), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(((np.asarray(small, np.float32) / 255 - mean) / std).transpose(2, 0, 1))


def _told(seen: Any) -> torch.Tensor:
    """(squares, n): CLIP's image embedding, DINO's class token."""
    for name in ("image_embeds", "pooler_output"):
        found = getattr(seen, name, None)
        if found is not None:
            return torch.as_tensor(found)
    return torch.as_tensor(seen.last_hidden_state[:, 0])


def _direction(found: np.ndarray, name: str) -> list[int]:
    """The sum of the squares' directions, of length SCALE, in whole numbers."""
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    total = (found / np.maximum(lengths, 1e-12)).sum(0)
    length = float(np.linalg.norm(total))
    if not np.isfinite(length) or length < 1e-9:
        raise Refused(
            f"The model {name} gave broken numbers for a picture. Verify it; if it stays so, do not use it.",
            code="model_blind", name=name,
        )  # fmt: skip
    return [int(value) for value in np.rint(total / length * SCALE)]
