"""Let an actor and a background stand in one light: white balance and exposure leant together, light wrap, grain."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane
from compositing.devices import kernel
from compositing.layer import row_of

POWER = 5.0  # Minkowski norm of "shades of grey" (Finlayson and Trezzi 2004): between the mean and the brightest
TILE = 512
MOST_LEAN = 1.6  # a channel: beyond it a grade is no light any more


def light_colour(rgb: Picture, weight: Plane | None = None) -> NDArray[np.float64]:
    """(3,) colour of the light in a linear picture, scaled to luminance 1. weight (H, W): which pixels count."""
    values = np.clip(rgb.reshape(-1, 3).astype(np.float64), 0, 2)
    counts = np.ones(len(values)) if weight is None else weight.reshape(-1).astype(np.float64)
    if counts.sum() < 1e-6:
        return np.ones(3)
    colour = ((values**POWER * counts[:, None]).sum(0) / counts.sum()) ** (1 / POWER)
    return colour / max(float(colour @ LUMA), 1e-6)


def brightness(rgb: Picture, weight: Plane | None = None) -> float:
    """Geometric mean luminance of a linear picture, over `weight`."""
    light = np.log(np.clip(rgb @ LUMA, 1e-3, 2))
    if weight is None:
        return float(np.exp(light.mean()))
    total = float(weight.sum())
    return float(np.exp((light * weight).sum() / total)) if total > 1e-6 else 0.18


def match_gains(actor: Picture, background: Picture, colour: float, exposure: float) -> NDArray[np.float32]:
    """(3,) linear gains that lean the actor's light towards the background's.

    actor: (H, W, 4) premultiplied; background: (H, W, 3). colour, exposure: 0..1, how far to lean. Skin forgives
    little: the lean is held within 20 % a channel and a stop of brightness.
    """
    alpha = actor[..., 3]
    solid = (alpha > 0.95).astype(np.float32)
    if solid.sum() < 16:
        return np.ones(3, np.float32)
    own, there = light_colour(actor[..., :3], solid), light_colour(background)
    # An actor's own colours (skin, a red coat) pull the estimate: half of what is found is taken for light.
    ratio = (there / np.maximum(own, 1e-3)) ** (0.5 * colour)
    ratio = np.clip(ratio / float(ratio @ LUMA), 1 / 1.2, 1.2)
    stops = np.log2(brightness(background) / max(brightness(actor[..., :3], solid), 1e-3))
    return np.asarray(ratio * 2.0 ** float(np.clip(stops * exposure, -1, 1)), np.float32)


def key_gains(own: NDArray[np.floating], there: NDArray[np.floating], amount: float) -> NDArray[np.float32]:
    """(3,) linear gains that grade what stands in light of the colour `own` (3,) into light of the colour `there`.

    amount: 0..1 of the way, less of it where a channel would gain or lose more than 1.6 times against the others: the
    hue stays that of the light. Brightness under `own` is kept.
    """
    own = np.maximum(np.asarray(own, np.float64), 1e-3)
    stops = np.log(np.maximum(np.asarray(there, np.float64), 1e-3) / own)
    stops = (stops - float(stops.mean())) * amount
    stops *= min(1.0, float(np.log(MOST_LEAN)) / max(float(np.abs(stops).max()), 1e-9))
    ratio = np.exp(stops)
    return np.asarray(ratio * float(own @ LUMA) / float((own * ratio) @ LUMA), np.float32)


@kernel
def _wrap(comp, actor, low, amount):  # type: ignore[no-untyped-def]
    """low: (h, w, 4) light of the background reaching round the edge, and how near the edge is."""
    height, width = comp.shape[:2]
    columns = low.shape[1]
    row = np.empty((columns, 4), np.float32)
    step = columns / width
    one, zero = np.float32(1.0), np.float32(0.0)
    for y in range(height):
        row_of(low, y, height, row)
        for x in range(width):
            a = actor[y, x, 3]
            if a <= zero:
                continue
            place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
            i = int(place)
            j = min(i + 1, columns - 1)
            part = np.float32(place - i)
            mask = a * amount * (row[i, 3] + part * (row[j, 3] - row[i, 3]))
            if mask <= np.float32(1e-4):
                continue
            for c in range(3):
                light = row[i, c] + part * (row[j, c] - row[i, c])
                # Screened: light adds to what is there and never blows it out.
                comp[y, x, c] += mask * light * (one - min(max(comp[y, x, c], zero), one))


def wrap_factor(width_px: float) -> int:
    """How many times smaller than the frame light that reaches so far is worked out: four pixels of it at most are one,
    a little less so that half a size is worked out at half."""
    return max(1, int(width_px / 4 + 0.25))


def wrap_map(background: Picture, actor: Picture, width_px: float) -> Picture:
    """(h, w, 4), small: the background's light that reaches behind the actor's edge, and how near the edge is.

    background (H, W, 3), actor (H, W, 4), whose alpha is used; width_px: how far the light reaches.
    """
    height, width = background.shape[:2]
    factor = wrap_factor(width_px)
    size = (max(1, width // factor), max(1, height // factor))
    less = cv2.resize(actor, size, interpolation=cv2.INTER_AREA)[..., 3]
    behind = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
    sigma = max(0.5, width_px / factor / 2)
    near = cv2.GaussianBlur(1 - less, (0, 0), sigma)
    wrap = np.empty((*less.shape, 4), np.float32)
    wrap[..., :3] = cv2.GaussianBlur(behind * (1 - less[..., None]), (0, 0), sigma)
    wrap[..., 3] = near
    return wrap


def light_wrap(comp: Picture, actor: Picture, wrap: Picture, amount: float, *, in_place: bool = False) -> Picture:
    """`comp` (H, W, 3) with the light of `wrap` (see `wrap_map`) round the edge of `actor` (H, W, 4).

    amount 0..1. A new picture, or written into comp with in_place.
    """
    out = comp if in_place else comp.copy()
    if amount > 0:
        _wrap(out, actor, wrap, np.float32(amount))
    return out


@lru_cache(maxsize=2)
def grain_tile(seed: int = 7) -> Plane:
    """(512, 512) film-like noise of unit deviation, a little soft, the same on every machine."""
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal((TILE, TILE)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    return np.asarray(soft / soft.std(), np.float32)


@kernel
def _grain(picture, tile, down, right, amount, out):  # type: ignore[no-untyped-def]
    rows, columns = tile.shape
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            r, g, b = picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]
            light = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            # Grain lives in density: about proportional to the root of the light.
            noise = tile[(y + down) % rows, (x + right) % columns]
            noise *= amount * np.sqrt(max(light, np.float32(0.0)) * np.float32(5.5555556))
            out[y, x, 0] = max(r + noise, np.float32(0.0))
            out[y, x, 1] = max(g + noise, np.float32(0.0))
            out[y, x, 2] = max(b + noise, np.float32(0.0))


def add_grain(picture: Picture, tile: Plane, amount: float, frame: int) -> Picture:
    """`picture` (H, W, 3) with grain of that deviation at middle grey, moving from frame to frame; a new picture."""
    if amount <= 0:
        return picture
    down, right = np.random.Generator(np.random.PCG64(frame)).integers(0, TILE, 2)
    out = np.empty(picture.shape, np.float32)
    _grain(np.ascontiguousarray(picture), tile, int(down), int(right), np.float32(amount), out)
    return out
