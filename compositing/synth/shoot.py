"""Shoot a scene: frames whose every part is known, and case folders that `compare` and scorers read.

plate = spilled foreground + (1 - alpha) * screen, in linear light, before lens, noise and codec. The clean foreground
comes from the same samples; only the screen's bounce is replaced by that of a neutral cloth.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compositing.colour import Picture, Plane, code8, encode_srgb, linear_from_coded
from compositing.errors import Refused
from compositing.io.pictures import write_png8, write_png16
from compositing.synth import raster
from compositing.synth.body import body, glass_of, hand, lights, pose, veil_of
from compositing.synth.camera import disc_blur, expose, pixel_format, quantised, write_film
from compositing.synth.hair import Hair, grow, hair_at, wool
from compositing.synth.scene import Scene
from compositing.synth.stage import bounce_light, empty_screen, ground, shadow_on

NEUTRAL = 0.06  # albedo of the grey cloth whose bounce the clean foreground keeps
PER_SIDE = 2  # samples per pixel each way in one sub-frame; sub-frames are shifted against one another


@dataclass(frozen=True)
class Shot:
    """One frame, linear (H, W, 3): clean and spilled, premultiplied; screen behind; plate, their mix; seen, what the
    sensor saw of it. alpha is (H, W)."""

    alpha: Plane
    clean: Picture
    spilled: Picture
    screen: Picture
    plate: Picture
    seen: Picture


def sub_frames(scene: Scene, width: int) -> int:
    """How many moments make up one exposure: enough that the fastest part moves about a pixel between two."""
    fastest = max(
        6.28 * scene.wave * (1 + 0.6) / scene.wave_frames if scene.hand else 0.0,
        6.28 * np.radians(scene.turn) * 0.25 / scene.turn_frames,
        6.28 * scene.sway / 17,
    )
    return int(np.clip(np.ceil(fastest * scene.shutter * width * scene.zoom / 1.2), 5, 28))


def _layers(scene: Scene, hair: Hair, index: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 7) of the body with its hair, and of the raised arm before it: own, bounce, alpha, all premultiplied."""
    count = sub_frames(scene, width)
    samples = np.empty((height * PER_SIDE, width * PER_SIDE, 9), np.float32)
    light = lights(scene)
    totals = np.zeros((2, height, width, 7), np.float32)
    scale = width * scene.zoom * PER_SIDE
    base_x = (0.5 - 0.5 * scene.zoom) * width * PER_SIDE
    base_y = height * PER_SIDE * 0.44 - 0.72 * scene.zoom * width * PER_SIDE
    for k in range(count):
        time = index + scene.shutter * ((k + 0.5) / count - 0.5)
        shift_x, shift_y = (0.5 + k * 0.7548776662) % 1 - 0.5, (0.5 + k * 0.5698402910) % 1 - 0.5  # R2 sequence
        at = (scale, base_x + shift_x, base_y + shift_y)
        now = pose(scene, time)
        solids = body(scene, now)
        raster.clear(samples)
        raster.solids(_nearest_first(solids), light, *at, samples)
        points, order = hair_at(scene, hair, time)
        heart = points[..., 0, :].mean(0)
        raster.strands(
            points[order], hair.widths[order], hair.colours[order], hair.shade[order], heart, light, *at, samples
        )
        if scene.wool > 0:
            _fibres(scene, solids, light, at, samples)
        if (cloth := veil_of(scene, now)) is not None:
            raster.veil(cloth, np.array(scene.veil_colour), scene.veil, 0.05, light, *at, samples)
        raster.gather(samples, PER_SIDE, 1 / count, totals[0])
        if scene.hand:
            arm = hand(scene, now)
            raster.clear(samples)
            raster.solids(_nearest_first(arm), light, *at, samples)
            if scene.wool > 0:
                _fibres(scene, arm, light, at, samples)
            if (cup := glass_of(scene, now)) is not None:
                raster.veil(cup, cup[21:24].copy(), scene.glass, 0.9, light, *at, samples)
            raster.gather(samples, PER_SIDE, 1 / count, totals[1])
    return totals[0], totals[1]


def _nearest_first(solids: np.ndarray) -> np.ndarray:
    """The rows sorted so that what is hidden is hardly ever shaded."""
    reach = np.sqrt((solids[:, 18:21] ** 2).sum(1))
    return np.asarray(solids[np.argsort(-(solids[:, 2] + reach), kind="stable")])


def _fibres(scene: Scene, solids: np.ndarray, light: np.ndarray, at: tuple, samples: np.ndarray) -> None:
    fibres, widths, colours = wool(scene, solids)
    heart = np.array([0.5, 1.3, -0.2])
    raster.strands(fibres, widths, colours, np.full(widths.shape, 0.8), heart, light, *at, samples)


def shoot(scene: Scene, width: int, height: int, frames: int, start: int = 0) -> Iterator[Shot]:
    """The scene's frames from `start`, (height, width). The same scene and size give the same numbers."""
    hair = grow(scene)
    empty = empty_screen(scene, width, height)
    pixel = width / 432
    for index in range(start, start + frames):
        rear, front = _layers(scene, hair, index, width, height)
        rear, front = disc_blur(rear, scene.defocus * pixel), disc_blur(front, scene.hand_defocus * pixel)
        mixed = front + (1 - front[..., 6:]) * rear
        alpha = linear_alpha(mixed[..., 6])
        screen = shadow_on(scene, empty, alpha)
        bounce = bounce_light(scene, empty)
        grey = np.full(3, float(bounce.mean()) * NEUTRAL / (sum(scene.screen) / 3), np.float32)
        own = mixed[..., :3] * scene.exposure
        spilled = np.asarray(own + mixed[..., 3:6] * bounce, np.float32)
        clean = np.asarray(own + mixed[..., 3:6] * grey, np.float32)
        clean[alpha <= 0] = 0
        spilled[alpha <= 0] = 0
        plate = np.asarray(spilled + (1 - alpha[..., None]) * screen, np.float32)
        rng = np.random.Generator(np.random.PCG64([scene.seed, 77, index]))
        yield Shot(alpha, clean, spilled, screen, plate, expose(plate, scene, rng))


def linear_alpha(alpha: np.ndarray) -> Plane:
    """Alpha as its 16-bit file will say it: the truth is exact, not nearly so."""
    return linear_from_levels(quantised(alpha))


def linear_from_levels(levels: np.ndarray) -> Plane:
    return np.asarray(levels / np.float32(65535), np.float32)


def straight16(clean: Picture, alpha: Plane) -> np.ndarray:
    """(H, W, 4) uint16: sRGB-coded colour, straight, and linear alpha."""
    colour = clean / np.maximum(alpha, 1 / 65535)[..., None]
    return np.dstack([np.round(encode_srgb(colour) * 65535).astype(np.uint16), quantised(alpha)])


def true_comp(straight: np.ndarray, background8: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 sRGB: the stored foreground over the stored background, in linear light."""
    alpha = linear_from_levels(straight[..., 3])[..., None]
    return code8(linear_from_coded(straight[..., :3]) * alpha + (1 - alpha) * linear_from_coded(background8))


def write_case(
    scene: Scene, folder: Path, width: int, height: int, frames: int, report: Callable[[int, int], None] | None = None
) -> None:
    """Shoot a scene into a case folder: source.mp4, alpha/, clean_fg/, true_comp/, two pictures and case.json.

    Raises Refused for odd or tiny sizes.
    """
    if width % 2 or height % 2 or min(width, height) < 64 or frames < 1:
        raise Refused(
            f"A case needs an even size of 64 pixels or more and a frame, got {width}x{height}, {frames} frames."
        )
    behind = code8(ground(scene, width, height))
    write_png8(folder / "background.png", behind)
    write_png8(folder / "clean_plate.png", code8(empty_screen(scene, width, height)))
    seen = []
    for index, shot in enumerate(shoot(scene, width, height, frames)):
        name = f"{index + 1:04d}.png"
        straight = straight16(shot.clean, shot.alpha)
        write_png16(folder / "alpha" / name, straight[..., 3])
        write_png16(folder / "clean_fg" / name, straight)
        write_png8(folder / "true_comp" / name, true_comp(straight, behind))
        seen.append(shot.seen)
        if report:
            report(index + 1, frames)
    write_film(folder / "source.mp4", seen, scene)
    strongest = "green" if int(np.argmax(scene.screen)) == 1 else "blue"
    facts = {
        "case": scene.name, "fps": 24, "width": width, "height": height, "frames": frames, "screen": strongest,
        "screen_albedo_linear": list(scene.screen), "difficulty": scene.words, "seed": scene.seed,
        "screen_srgb8": [int(v) for v in np.median(code8(empty_screen(scene, width, height)).reshape(-1, 3), axis=0)],
        "transfer_function": "sRGB; mp4 = same values, BT.709 matrix, limited range",
        "pixel_format": pixel_format(scene),
        "samples": {"fg": sub_frames(scene, width) * PER_SIDE**2, "alpha": sub_frames(scene, width) * PER_SIDE**2},
        "shutter_frames": scene.shutter, "psf_sigma_px": scene.softness,
        "definitions": {
            "alpha": "16-bit, exact coverage, linear (not gamma-coded)",
            "clean_fg": "16-bit RGBA, straight, sRGB-coded colour, alpha linear",
            "true_comp": "enc(dec(clean_fg)*alpha+(1-alpha)*dec(background)), noise-free",
            "clean": f"screen bounce replaced by the bounce of a neutral cloth of albedo {NEUTRAL}",
        },
        "renderer": "compositing.synth, drawn by this project's own code",
    }  # fmt: skip
    (folder / "case.json").write_text(json.dumps(facts, indent=1) + "\n")
