"""A prop's files, each saying inside that it is procedural."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from compositing.colour import encode_srgb
from compositing.io.picture_info import preview_of
from compositing.io.pictures import write_jpg, write_png8
from compositing.plates.notes import add_comment, add_text

DITHER = 0.7  # codes: a glow that fades over half the picture shows no steps


def save(picture: np.ndarray, out_dir: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write prop.png (straight alpha) and preview.jpg of (H, W, 4) linear premultiplied float32."""
    alpha = np.clip(picture[..., 3:], 0, 1)
    straight = np.ascontiguousarray(np.clip(picture[..., :3] / np.maximum(alpha, 1e-4), 0, 1))
    noise = np.random.default_rng(0).random(picture.shape[:2], np.float32)[..., None] - 0.5
    codes = np.dstack([encode_srgb(straight), alpha]) * 255
    codes += noise * DITHER * ((alpha > 0) & (alpha < 1) | (codes[..., :3].max(-1, keepdims=True) > 0))
    whole = np.clip(np.rint(codes), 0, 255).astype(np.uint8)
    whole[alpha[..., 0] <= 0] = 0
    path, preview = out_dir / "prop.png", out_dir / "preview.jpg"
    note = json.dumps(about, sort_keys=True)
    write_png8(path, whole)
    add_text(path, note)
    write_jpg(preview, preview_of(whole), 90)
    add_comment(preview, note)
    return {"picture": str(path), "preview": str(preview)}
