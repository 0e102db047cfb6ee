"""Fog and smoke: veils without an outline, lit softly from above."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compositing.effects.flows import Flow, coded, full, smooth

Pictures = Iterator[np.ndarray]
TONES = {  # sRGB of the lit and the shaded side
    "white": ((0.90, 0.92, 0.94), (0.70, 0.73, 0.77)),
    "grey": ((0.62, 0.62, 0.63), (0.38, 0.38, 0.40)),
    "black": ((0.24, 0.23, 0.22), (0.07, 0.07, 0.07)),
    "warm": ((0.95, 0.82, 0.66), (0.66, 0.50, 0.38)),
    "night": ((0.44, 0.52, 0.66), (0.22, 0.27, 0.38)),
}

PUFF = 5
FOG_M = 9.0  # how deep the fog is that one sees into
VEIL, HALF_VEIL = 6, 8  # times smaller than the picture: banks of fog have no finer form


def fog(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: banks that drift, as high as asked."""
    width, height, half = form["width"], form["height"], params.get("half", "")
    seconds = form["frames"] * form["fps_den"] / form["fps_num"]
    drift = 0.10 * params["speed"] / 100 * (1 if params["wind"] >= 0 else -1) * max(0.25, abs(params["wind"]) / 50)
    near = Flow(
        width, height, (0.85 * width, 0.24 * height), seconds=seconds, seed=form["seed"], drift=(drift * 2.4, 0),
        change=0.16, octaves=5, warp=0.5, coarse=HALF_VEIL if half else VEIL,
    )  # fmt: skip
    far = Flow(
        width, height, (0.5 * width, 0.12 * height), seconds=seconds, seed=form["seed"] + 5, drift=(drift * 1.5, 0),
        change=0.12, octaves=4, warp=0.4, coarse=HALF_VEIL if half else VEIL,
    )  # fmt: skip
    down = (np.arange(near.size[1], dtype=np.float32) + 0.5) / near.size[1]
    top = 1 - params["height"] / 100
    # A bank has a ragged crest and thickens towards the ground.
    lit, shaded = (np.array(one, np.float32) for one in TONES[params["tone"]])
    strength = np.float32(params["density"] / 100 * _share(params))
    for n in range(form["frames"]):
        part = n / form["frames"]
        # behind an actor lie the far banks, before one the near: each half needs only its own
        a = near.at(part) if half != "behind" else far.at(part)
        b = far.at(part) if not half else a
        bank = smooth(top - 0.02, top + 0.42, down[:, None] + 0.28 * a + 0.12 * b)
        alpha = bank * (0.72 + 0.9 * a + 0.35 * b)
        alpha = np.clip(1 - np.exp(-2.2 * strength * np.clip(alpha, 0, None)), 0, 0.97).astype(np.float32)
        light = np.clip(0.62 + 0.9 * (a - np.roll(a, -2, axis=0)) * 4 + 0.25 * b, 0, 1)
        yield _painted(light, alpha, lit, shaded, width, height)


def _share(params: dict[str, Any]) -> float:
    """How much of the fog lies in the half that is drawn, before or behind the actor: the same in every metre, so that
    both halves over one another are the whole."""
    front = min(1.0, params.get("distance", 0) / 100 / FOG_M)
    return {"front": front, "behind": 1 - front}.get(params.get("half", ""), 1.0)


def smoke(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: a column that rises, widens and thins out."""
    width, height = form["width"], form["height"]
    seconds = form["frames"] * form["fps_den"] / form["fps_num"]
    rise = 0.9 * params["speed"] / 100
    cell = 0.20 * width * (0.6 + 0.8 * params["spread"] / 100)
    flow = Flow(
        width, height, (cell, cell * 1.25), seconds=seconds, seed=form["seed"], drift=(0.0, -rise), change=0.35,
        octaves=4, warp=0.9, coarse=PUFF,
    )  # fmt: skip
    rows, columns = flow.size[1], flow.size[0]
    up = np.asarray(1 - (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows, np.float32)
    over = ((np.arange(columns, dtype=np.float32)[None, :] + 0.5) / columns - params["x"] / 100) * (width / height)
    lean = np.float32(0.55 * params["wind"] / 100) * up**1.6
    wide = 0.05 + (0.10 + 0.34 * params["spread"] / 100) * up
    lit, shaded = (np.array(one, np.float32) for one in TONES[params["tone"]])
    thin = np.exp(-up * (2.0 - 1.6 * params["reach"] / 100)) * smooth(0.0, 0.05, up)
    top = smooth(1.25 * params["reach"] / 100 + 0.02, 0.75 * params["reach"] / 100 - 0.25, up)
    strength = np.float32(5.5 * params["density"] / 100)
    for n in range(form["frames"]):
        noise = flow.at(n / form["frames"])
        aside = (over - lean + 0.16 * noise * (0.3 + up)) / wide
        body = np.exp(-aside * aside) * (0.55 + 1.6 * noise)
        thick = np.clip(body, 0, None) * thin * top * strength
        alpha = np.clip(1 - np.exp(-thick), 0, 0.985).astype(np.float32)
        light = np.clip(0.5 + 1.8 * (noise - np.roll(noise, -4, axis=0)) - 0.25 * aside, 0, 1)
        yield _painted(light, alpha, lit, shaded, width, height)


def _painted(
    light: np.ndarray, alpha: np.ndarray, lit: np.ndarray, shaded: np.ndarray, width: int, height: int
) -> np.ndarray:
    """The full picture of a coarse veil: between its shaded and its lit colour, under its alpha."""
    small = np.dstack([shaded + (lit - shaded) * light[..., None].astype(np.float32), alpha]).astype(np.float32)
    return coded(full(small, width, height))
