"""Let an actor and a background stand in one light: white balance and exposure leant together, light wrap, grain."""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane
from compositing.layer import resize

POWER = 5.0  # Minkowski norm of "shades of grey" (Finlayson and Trezzi 2004): between the mean and the brightest
TILE = 512


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

    actor: (H, W, 4) premultiplied; background: (H, W, 3). colour, exposure: 0..1, how far to lean. Skin forgives little:
    the lean is held within 20 % a channel and a stop of brightness.
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


def light_wrap(comp: Picture, background: Picture, alpha: Plane, amount: float, width_px: float) -> Picture:
    """The background's light reaching round the actor's edge. alpha: the actor's matte (H, W); a new picture."""
    if amount <= 0:
        return comp
    height, width = alpha.shape
    factor = max(1, int(width_px / 4))
    size = (max(1, width // factor), max(1, height // factor))
    less = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    behind = cv2.resize(background, size, interpolation=cv2.INTER_AREA)
    sigma = max(0.5, width_px / factor / 2)
    near = cv2.GaussianBlur(1 - less, (0, 0), sigma)
    light = cv2.GaussianBlur(behind * (1 - less[..., None]), (0, 0), sigma)
    light = resize(np.asarray(light, np.float32), width, height)
    mask = alpha * amount * resize(np.asarray(near, np.float32), width, height)
    # Screened: light adds to what is there and never blows it out.
    return np.asarray(comp + mask[..., None] * light * (1 - np.clip(comp, 0, 1)), np.float32)


def grain_tile(seed: int = 7) -> Plane:
    """(512, 512) film-like noise of unit deviation, a little soft, the same on every machine."""
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal((TILE, TILE)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    return np.asarray(soft / soft.std(), np.float32)


def add_grain(picture: Picture, tile: Plane, amount: float, frame: int) -> Picture:
    """`picture` (H, W, 3) with grain of that deviation at middle grey, moving from frame to frame; a new picture."""
    if amount <= 0:
        return picture
    height, width = picture.shape[:2]
    shift = np.random.Generator(np.random.PCG64(frame)).integers(0, TILE, 2)
    rolled = np.roll(tile, tuple(int(s) for s in shift), (0, 1))
    noise = np.tile(rolled, (-(-height // TILE), -(-width // TILE)))[:height, :width]
    # Grain lives in density: about proportional to the root of the light.
    gain = np.sqrt(np.maximum(picture @ LUMA, 0) / 0.18) * np.float32(amount)
    return np.maximum(picture + (noise * gain)[..., None], 0).astype(np.float32)
