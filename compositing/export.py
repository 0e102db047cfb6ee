"""A version's keyed foreground for other programs: ProRes 4444, or PNG or EXR pictures in a zip.

The foreground is what stands in the comp over its background: keyed, despilled, matched and placed, without light wrap.
ProRes and PNG are straight and sRGB-coded, tagged so; EXR is linear light and premultiplied, in half floats. The same
recipe gives the same bytes.
"""

import os
import time
import zipfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.checks import folder, whole
from compositing.colour import Picture, Plane, encode_srgb
from compositing.errors import Refused
from compositing.frames import frames_in_order
from compositing.graph import Comp, Frame
from compositing.io.exr import exr_bytes
from compositing.io.pictures import png16_bytes
from compositing.io.video import VideoWriter
from compositing.recipe import Recipe
from compositing.render import file_sha256

Report = Callable[[int, int, str], None]
KINDS = ("prores4444", "png", "exr")
SUFFIX = {"prores4444": ".mov", "png": ".zip", "exr": ".zip"}
QUANTISER = 2  # ProRes at one fixed fine quantiser: the encoder's own search takes six times as long
FILLED_BELOW = 1 / 256  # coverage under which a pixel's own colour says nothing


def spread(premultiplied: Picture) -> Picture:
    """(H, W, 3) straight colour of a premultiplied layer (H, W, 4), carried outward over what is clear.

    A codec and a scaler mix neighbours: with black beside a half-clear edge, the edge would come back dark. The colour
    comes from coarser and coarser averages of the layer (push and pull, Gortler et al., SIGGRAPH 1996).
    """
    levels = [np.ascontiguousarray(premultiplied, np.float32)]
    while min(levels[-1].shape[:2]) > 8:
        rows, columns = levels[-1].shape[:2]
        size = ((columns + 1) // 2, (rows + 1) // 2)
        levels.append(np.asarray(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA), np.float32))
    mean = levels[-1].reshape(-1, 4).mean(0)
    colour: Picture = np.empty((*levels[-1].shape[:2], 3), np.float32)
    colour[:] = mean[:3] / max(float(mean[3]), 1e-6)
    for level in reversed(levels):
        if colour.shape[:2] != level.shape[:2]:
            colour = np.asarray(
                cv2.resize(colour, (level.shape[1], level.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
            )
        alpha: Plane = level[..., 3:]
        own = np.clip(alpha / np.float32(FILLED_BELOW), 0, 1)
        colour = own * (level[..., :3] / np.maximum(alpha, np.float32(1e-6))) + (1 - own) * colour
    return colour


def straight16(actor: Picture) -> NDArray[np.uint16]:
    """(H, W, 4) uint16 of a layer (H, W, 4) linear premultiplied: straight, colour sRGB-coded, alpha as coverage."""
    coded = np.dstack([encode_srgb(spread(actor)), np.clip(actor[..., 3], 0, 1)])
    return np.round(coded * 65535).astype(np.uint16)


def export(
    recipe: Recipe,
    paths: Mapping[str, str],
    out_dir: str | Path,
    kind: str,
    *,
    name: str = "foreground",
    start_frame: int = 1001,
    report: Report | None = None,
) -> dict[str, Any]:
    """Write the foreground of every frame as one of KINDS into out_dir; the operation's result.

    name: what the file and the pictures in it are called; start_frame: the number of the first picture. Raises Refused
    (no_keyed_layer, and as `Comp` does).
    """
    if kind not in KINDS:
        raise Refused(f"A foreground is exported as one of {', '.join(KINDS)}, not {kind!r}.")
    started = time.monotonic()
    tell = report or (lambda done, total, stage: None)
    tell(0, recipe.frame_count, "study")
    comp = Comp(recipe, paths)
    if not any(layer.keyer is not None or layer.layer.kind == "actor" for layer in comp.layers):
        raise Refused(
            "This version has no keyed layer, so there is no foreground to export. Add an actor or key a layer.",
            code="no_keyed_layer",
        )
    target = Path(out_dir) / f"{name}{SUFFIX[kind]}"
    if kind == "prores4444":
        _film(comp, target, tell)
    else:
        _pictures(comp, target, kind, name, start_frame, tell)
    return {
        "path": str(target), "kind": kind, "sha256": file_sha256(target), "size_bytes": target.stat().st_size,
        "frame_count": recipe.frame_count, "width": comp.width, "height": comp.height,
        "fps_num": recipe.fps_num, "fps_den": recipe.fps_den, "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip


def _film(comp: Comp, target: Path, tell: Report) -> None:
    recipe = comp.recipe
    with VideoWriter(
        target, comp.width, comp.height, recipe.fps_num, recipe.fps_den, alpha=True, qscale=QUANTISER
    ) as film:
        for index, picture in frames_in_order(comp, 0, recipe.frame_count, lambda _i, frame: straight16(frame.actor)):
            film.write(picture)
            tell(index + 1, recipe.frame_count, "frames")


def _pictures(comp: Comp, target: Path, kind: str, name: str, start_frame: int, tell: Report) -> None:
    recipe = comp.recipe
    rate = Fraction(recipe.fps_num, recipe.fps_den)

    def work(_index: int, frame: Frame) -> bytes:
        return exr_bytes(frame.actor, rate) if kind == "exr" else png16_bytes(straight16(frame.actor))

    digits = max(4, len(str(start_frame + recipe.frame_count)))
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as box:  # the pictures are packed already
            for index, data in frames_in_order(comp, 0, recipe.frame_count, work):
                entry = zipfile.ZipInfo(f"{name}/{name}.{start_frame + index:0{digits}d}.{kind}", (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                box.writestr(entry, data)
                tell(index + 1, recipe.frame_count, "frames")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def export_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `export`: {"recipe", "sources", "out_dir", "kind", "name"?, "start_frame"?}."""
    given = args["recipe"]
    recipe = Recipe.from_json(given) if isinstance(given, str) else Recipe.from_dict(given)
    name = "".join(letter for letter in str(args.get("name") or "foreground") if letter.isalnum() or letter in "-_.")
    return export(
        recipe, args["sources"], folder(args), str(args.get("kind")), name=name[:80] or "foreground",
        start_frame=whole(args, "start_frame", 0, 10_000_000, 1001), report=report,
    )  # fmt: skip
