"""From a built scene to a finished plate: the same way for every family."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from compositing.plates.bake import bake
from compositing.plates.canopy import canopy
from compositing.plates.finish import LUMA, Grade, bloom, defocus, develop, develop_soft
from compositing.plates.land import LAKE, SEA
from compositing.plates.land import height as height_at
from compositing.plates.outlook import look_out
from compositing.plates.picture import add_points, expose, in_full, with_mirrors
from compositing.plates.scene import SUN_B, SUN_R, Scenery
from compositing.plates.stage import Stage, Wishes, Woods, sun_direction
from compositing.plates.trace import Scene

Report = Callable[[int, int, str], None]
# From this soft focus on a picture of TALL lines is seen at half its size: the lens blurs away what that loses (0.2
# blurs what lies 4 m off by 4.6 px of 1920); its depth and its normals are those of the full size all the same.
STILL_SOFT_ENOUGH, TALL, DRAFT = 0.2, 1000, 240

GRADES = {
    "natural": Grade(),
    "drama": Grade((0.86, 1.0, 1.16), (1.07, 1.0, 0.90), 1.08, 1.05),
    "warm": Grade((1.16, 0.98, 0.76), (1.18, 1.0, 0.70), 1.04, 1.0),
    "cold": Grade((0.78, 0.98, 1.26), (0.86, 1.0, 1.17), 0.84, 1.04),
    "neon": Grade((1.06, 0.86, 1.26), (1.06, 0.94, 1.06), 1.3, 1.08),
}


# Rooms have lamps on at all hours: what the film adds tells one hour from another.
HOURS = {
    "day": Grade((0.98, 1.0, 1.05), (1.0, 1.0, 1.01), 0.96, 0.97),
    "golden": Grade((1.06, 0.97, 0.88), (1.10, 1.0, 0.86), 1.06, 1.0),
    "night": Grade((0.86, 0.96, 1.20), (1.03, 1.0, 0.95), 1.04, 1.08),
    "storm": Grade((0.82, 0.98, 1.14), (0.87, 1.0, 1.10), 0.70, 1.0),
}


def grade_of(wishes: Wishes) -> Grade:
    """The palette, over the hour's own grade indoors."""
    palette, hour = GRADES[wishes.palette], HOURS.get(wishes.indoors, Grade())
    return Grade(
        tuple(a * b for a, b in zip(palette.shadows, hour.shadows, strict=True)),  # type: ignore[arg-type]
        tuple(a * b for a, b in zip(palette.lights, hour.lights, strict=True)),  # type: ignore[arg-type]
        palette.saturation * hour.saturation, palette.contrast * hour.contrast,
    )  # fmt: skip


@dataclass
class Plate:
    """picture (H, W, 3) uint8 sRGB; depth (H, W) float32 metres, 1e9 for the sky; light, camera: see `plate_op`;
    normal (H, W, 3) or None, see `picture.Exposure`; glass: see `glass_of`."""

    picture: np.ndarray
    depth: np.ndarray
    light: dict[str, Any]
    camera: dict[str, int]
    normal: np.ndarray | None = None
    glass: dict[str, Any] | None = None


def still(stage: Stage, seed: int, width: int, height: int, report: Report) -> Plate:
    """Bake the light, expose, focus and develop. Drafts (below 1000 lines) bake with fewer rays."""
    ground, camera, wishes = stage.ground, stage.camera, stage.wishes
    draft = height < TALL
    if isinstance(ground, Woods):
        # what will be blurred by the lens needs no finer look
        finer = 2 if draft or wishes.soft >= 0.1 else 3
        report(10, 100, "picture")
        linear, depth = look_out(ground.land, camera, width * finer // 2, height * finer // 2)
        report(70, 100, "picture")
        if finer > 2:
            linear = cv2.resize(np.minimum(linear, 20.0), (width, height), interpolation=cv2.INTER_AREA)
            depth = cv2.resize(depth, (width, height), interpolation=cv2.INTER_NEAREST)
        if ground.leaves:
            linear = canopy(linear, ground.land, seed, ground.leaves)
        return developed(linear, depth, stage, seed, report)
    scene = lit(stage, height, lambda k: report(round(5 + 25 * k), 100, "light"))
    small = half_size(wishes.soft, height, STILL_SOFT_ENOUGH)
    size = (width // 2, height // 2) if small else (width, height)
    # what will be blurred needs fewer: from 0.2 on a disc of light is 15 pixels wide where it counts
    rays = 4 if draft else 6 if wishes.soft < 0.1 else 5 if wishes.soft < STILL_SOFT_ENOUGH else 4
    got = expose(scene, camera, *size, rays, lambda k: report(round(30 + 45 * k), 100, "picture"))
    linear = with_mirrors(got)
    add_points(linear, got.depth, camera, ground.points, scene)
    if not small:
        return replace(developed(linear, got.depth, stage, seed, report), normal=got.normal)
    depth, normal = in_full(scene, camera, got, width, height)
    report(80, 100, "picture")
    plate = developed(linear, got.depth, stage, seed, report, (width, height))
    return replace(plate, depth=depth, normal=normal)


def lit(stage: Stage, height: int, report: Callable[[float], None]) -> Scene:
    """The scene with its light worked out, as finely as a picture of `height` lines shows it: more finely indoors,
    where plain walls show the noise of few rays."""
    coarse, rays = (1.0, 36) if height >= TALL else (3.0, 10) if height >= DRAFT else (7.0, 8)
    if stage.wishes.indoors and height >= TALL:
        rays = 60
    assert isinstance(stage.ground, Scenery)
    scene = stage.ground.pack(coarse)
    bake(scene, rays, report)
    return scene


def half_size(soft: float, height: int, enough: float) -> bool:
    """Whether a picture of `height` lines is seen at half its size and enlarged: from `enough` soft focus on."""
    return soft >= enough and height >= TALL


def developed(
    linear: np.ndarray, depth: np.ndarray, stage: Stage, seed: int, report: Report, size: tuple[int, int] | None = None
) -> Plate:
    """What the lens and the film do to (H, W, 3) linear light at (H, W) metres: focus, bloom, grade, curve. size:
    (width, height) that the picture is enlarged to; its depth is not."""
    wishes = stage.wishes
    report(84, 100, "focus")
    linear = defocus(linear, depth, wishes.soft)
    linear = bloom(linear, wishes.bloom)
    report(94, 100, "film")
    grade = grade_of(wishes)
    if size:
        picture = develop_soft(linear, wishes.stops, grade, seed % 100000, *size)
    else:
        picture = develop(linear, wishes.stops, grade, seed % 100000)
    return Plate(picture, depth, light_of(stage, linear, picture), camera_of(stage), glass=glass_of(stage))


def glass_of(stage: Stage) -> dict[str, Any] | None:
    """The place's windows, for what lies on them or is seen through them; None where it has none. stand: the camera's
    x, y, z in mm, its turn and its horizon in millionths; panes: each the axis it lies across (0 x, 2 z), where on it,
    and its lowest and highest corner over the other two axes, in mm."""
    if isinstance(stage.ground, Woods) or not stage.ground.panes:
        return None
    camera = stage.camera
    stand = [*(round(1000 * v) for v in camera.place), round(1e6 * camera.turn), round(1e6 * camera.horizon)]
    panes = [[int(axis), *(round(1000 * v) for v in rest[:5])] for axis, *rest in stage.ground.panes]
    return {"stand": stand, "panes": panes}


def camera_of(stage: Stage) -> dict[str, int]:
    """How the picture is seen, for whoever stands something in it; whole numbers, see `plate_op`."""
    camera, ground = stage.camera, 0.0
    ends: dict[str, int] = {}
    if isinstance(stage.ground, Woods):
        form = stage.ground.land.form
        if form[0] in (LAKE, SEA):
            ends = {"ground_to_mm": round(1000 * (float(form[2]) - camera.place[2]))}
        ground = max(0.0, float(height_at(form, camera.place[0], camera.place[2], 0.5)))
    return {
        "focal_milli": round(camera.lens_mm / 36 * 1000),
        "horizon_milli": round(camera.horizon * 1000),
        "height_mm": round((camera.place[1] - ground) * 1000),
        "soft_milli": round(stage.wishes.soft * 1000),
    } | ends


def light_of(stage: Stage, linear: np.ndarray, picture: np.ndarray) -> dict[str, Any]:
    """Key: as asked for; else the sun or moon where there is one, else the brightest part of the picture; ambient: the
    picture's mean; level: how bright the picture came out, its coded mean."""
    camera, air = stage.camera, stage.air
    grade = np.array(grade_of(stage.wishes).lights)
    sun = air[SUN_R : SUN_B + 1]
    small = np.minimum(linear[::8, ::8], 4.0).reshape(-1, 3).astype(np.float64)
    luma = small @ LUMA.astype(np.float64)
    if stage.key is not None:
        source, key = "key", np.array(stage.key.colour)
        direction = stage.key.direction()
    elif sun.max() > 0.05:
        source, key = "sun", sun
        direction = sun_direction(air, camera)
    else:
        source = "picture"
        bright = luma >= np.quantile(luma, 0.97)
        key = small[bright].mean(0)
        height, width = linear[::8, ::8].shape[:2]
        rows, columns = np.divmod(np.flatnonzero(bright), width)
        weight = luma[bright]
        focal = camera.lens_mm / 36.0 * height
        across = (np.average(columns, weights=weight) - width / 2) / focal
        up = (camera.horizon * height - np.average(rows, weights=weight)) / focal
        direction = np.array([across, up, 1.0])
    direction = direction / np.linalg.norm(direction)
    ambient = small.mean(0)
    return {
        "source": source,
        "direction_milli": _milli(direction),
        "azimuth": round(math.degrees(math.atan2(direction[0], -direction[2]))),
        "elevation": round(math.degrees(math.asin(float(np.clip(direction[1], -1, 1))))),
        "key_milli": _milli(key * grade / max(1e-6, float((key * grade).max()))),
        "ambient_milli": _milli(ambient * grade / max(1e-6, float((ambient * grade).max()))),
        "level_milli": round(float(picture[::8, ::8].mean()) / 255 * 1000),
        "contrast_milli": round(1000 * float(np.quantile(luma, 0.97) / max(1e-4, float(np.median(luma))))),
    }


def _milli(values: np.ndarray) -> list[int]:
    return [round(1000 * float(value)) for value in values]
