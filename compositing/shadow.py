"""The actor's own shadow on the screen, kept from the plate and cast on the background.

Where the screen shows through but is darker than the fitted clean plate, less light reached it: the ratio of the two
is what a shadow does to any surface, so it is multiplied onto the background (Wright, Digital Compositing for Film and
Video, "shadow ratio"). Wrinkles that every frame shows are in the clean plate and divide out; grain, strands of hair
and the matte's own half-clear pixels are kept out by weight and by smoothing.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.errors import ShapeError
from compositing.layer import row_of

DEEPEST = 0.25  # of the light stays in the darkest shadow that is believed: below it the screen tells noise
SLIGHT = 0.05  # half of it is unevenness of the fit, one and a half times it is shadow in full
IMPURE = 0.06  # by how much the colour's shares may differ from the screen's before a pixel is no bare screen
SMOOTH = 0.012  # of the short side: half a contact shadow's softest edge, many times a strand's width
AROUND, BROAD = 0.17, 0.016  # of the short side: larger is the lamps' doing, narrower a fold's
FAINT, DEEP = 0.12, 0.25  # of the light: where a standing shadow ends, and what it must hold somewhere
REACHED = 0.08  # of the short side: as near to the actor a standing shadow comes; nearer, the plate is only guessed
FOUND_DEPTH, FOUND_SHARE = 0.10, 0.004  # a real shadow takes a tenth of the light over this part of the picture


def shadow_ratio(linear: Picture, screen: Picture, alpha: Plane) -> Plane:
    """(h, w) 0..1: what part of the light reaches the ground behind the actor; 1 is no shadow.

    linear (h, w, 3): the frame; screen (h, w, 3): its fitted clean plate; alpha (h, w) 0..1: the matte; all at one
    (small) size. A matte that reads a shadow as half clear has taken that part already: the ratio is divided by it, so
    that the comp is darkened once. Behind the solid actor the ratio of the ground beside goes on. Raises ShapeError.
    """
    if linear.shape != screen.shape or linear.shape[:2] != alpha.shape:
        raise ShapeError(f"expected one size, got {linear.shape}, {screen.shape}, {alpha.shape}")
    light, clean = _sum(linear), np.maximum(_sum(screen), 1e-4)
    shares = np.abs(linear / np.maximum(light, 1e-4)[..., None] - screen / clean[..., None])
    stray = np.maximum(np.maximum(shares[..., 0], shares[..., 1]), shares[..., 2])
    # In deep shadow little light carries the colour, and haze greys it: there it may stray further.
    depth = np.clip(light / clean, DEEPEST, 1)
    pure = np.clip(1.5 - stray / (IMPURE / depth), 0, 1)
    open_ = np.clip(1 - alpha, 0, 1)
    ratio = np.clip(light / clean / np.maximum(open_, DEEPEST), DEEPEST, 1)
    weight = (pure * open_).astype(np.float32)
    weight *= weight
    sigma = max(0.8, SMOOTH * min(alpha.shape))
    near, share = _blurred(np.asarray(ratio, np.float32), weight, sigma)
    # What is hidden behind the actor takes the shadow beside it, fading to none far from anything seen.
    far, far_share = _blurred(near, share, sigma * 4)
    fade = np.clip(far_share / 0.08, 0, 1)
    filled = 1 + fade * (far - 1)
    smooth = filled + np.clip(share / 0.25, 0, 1) * (near - filled)
    depth = 1 - np.clip(smooth, DEEPEST, 1)
    return np.asarray(1 - depth * np.clip(depth / SLIGHT - 0.5, 0, 1), np.float32)


def standing_shadow(screen: Picture, alphas: Sequence[Plane]) -> Plane:
    """(h, w) 0..1: the shadow that lies in the clean plate itself, because it lay there in every frame; 1 is none.

    screen (h, w, 3): the clip's clean plate; alphas: mattes of some frames. A dark patch of the plate is a shadow, and
    no fold of the cloth, where it is deep, broad, and joined to the actor; the light around it is what the ground had.
    """
    light = _sum(screen)
    height, width = light.shape
    side = min(height, width)
    size = (max(8, width // 3), max(8, height // 3))
    less = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.morphologyEx(less, cv2.MORPH_CLOSE, _disc(round(AROUND * min(size)))), (width, height))
    depth = np.clip(1 - light / np.maximum(around, 1e-4), 0, 1 - DEEPEST).astype(np.float32)
    broad = cv2.morphologyEx(depth, cv2.MORPH_OPEN, _disc(max(1, round(BROAD * side))))
    touching = np.zeros(light.shape, np.uint8)
    for alpha in alphas:
        touching |= (alpha > 0.5).astype(np.uint8)
    touching = np.asarray(cv2.dilate(touching, _disc(max(1, round(REACHED * side)))), np.uint8)
    _, labels = cv2.connectedComponents((broad > FAINT).astype(np.uint8))
    joined = np.zeros(int(labels.max()) + 1, bool)
    joined[np.intersect1d(labels[touching > 0], labels[broad > DEEP])] = True
    joined[0] = False
    region = cv2.dilate(joined[labels].astype(np.uint8), _disc(max(1, round(BROAD * side))))
    kept = np.where(region > 0, broad, 0).astype(np.float32)
    return np.asarray(1 - cv2.GaussianBlur(kept, (0, 0), max(0.8, SMOOTH * side)), np.float32)


def shadow_found(ratios: Sequence[Plane], alphas: Sequence[Plane]) -> bool:
    """Whether these frames' ratios (each (h, w)) hold a real shadow: some tenths of light gone over some area.

    The alphas keep out what lies under the matte, where the ratio is only carried on.
    """
    shares = [
        float(((ratio < 1 - FOUND_DEPTH) & (alpha < 0.5)).mean()) for ratio, alpha in zip(ratios, alphas, strict=True)
    ]
    return bool(shares) and float(np.median(shares)) > FOUND_SHARE


@kernel
def _cast(ground, ratio, strength):  # type: ignore[no-untyped-def]
    height, width = ground.shape[:2]
    columns = ratio.shape[1]
    row = np.empty((columns, 1), np.float32)
    step = columns / width
    one = np.float32(1.0)
    for y in range(height):
        row_of(ratio, y, height, row)
        for x in range(width):
            place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
            i = int(place)
            j = min(i + 1, columns - 1)
            part = np.float32(place - i)
            keep = one + strength * (row[i, 0] + part * (row[j, 0] - row[i, 0]) - one)
            if keep < one:
                keep = max(keep, np.float32(0.0))
                ground[y, x, 0] *= keep
                ground[y, x, 1] *= keep
                ground[y, x, 2] *= keep


def cast_shadow(ground: Picture, ratio: Plane, strength: float = 1.0, *, in_place: bool = False) -> Picture:
    """The ground (H, W, 3), linear, under the shadow `ratio` (h, w, any size): a new picture, or in place.

    strength 0 leaves it, 1 casts the shadow as it was shot, up to 2 deepens it.
    """
    out = ground if in_place else np.array(ground, np.float32, order="C", copy=True)
    if strength > 0:
        _cast(out, np.ascontiguousarray(ratio[..., None]), np.float32(strength))
    return out


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _sum(picture: Picture) -> Plane:
    return np.asarray(picture[..., 0] + picture[..., 1] + picture[..., 2], np.float32)


def _blurred(values: Plane, weight: Plane, sigma: float) -> tuple[Plane, Plane]:
    """The weighted mean about each pixel, and how much weight it rests on (normalised convolution)."""
    share = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    part = cv2.GaussianBlur(values * weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    mean = np.where(share > 1e-4, part / np.maximum(share, 1e-4), 1)
    return np.asarray(mean, np.float32), np.asarray(share, np.float32)
