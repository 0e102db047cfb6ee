"""Take the screen's bounce light off the actor, whatever colour the screen is.

Spill is light, so it is taken away as light: the screen's own colour is subtracted until what is left leans no further
towards the screen than nature does. Subtracting green alone would turn spilled skin magenta on a yellow-green wall.
"""

import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture
from compositing.devices import kernel
from compositing.errors import ShapeError

SKIN_WEDGE = 0.577  # as far as G - max(R, B): on the skin's side of the hue a green lean must pass red before it counts
OPEN_WEDGE = 0.06  # on the other side nearly the "average" rule
# Linear colours of lit skin, light to dark.
SKIN = np.array([[0.55, 0.31, 0.22], [0.38, 0.19, 0.11], [0.16, 0.075, 0.042]], np.float32)


@kernel
def despill_pixel(red, green, blue, lean, strength, keep, skin_side, skin_wedge, open_wedge, nature, near):  # type: ignore[no-untyped-def]
    """One pixel (premultiplied or not: the rule is homogeneous).

    lean: (11,) along, across and light, each (3,), then two slopes; light is the screen's colour scaled to 1 along its
    own chroma. nature: how far a grey of this place leans by nature, per light of the colour less its lean; slopes: how
    much further the further it is tinted across, and against that. near: 0..1 how much nature counts beside the fixed
    rule (wedges), which knows nothing of the actor.
    """
    # Without a branch, so that a loop over pixels fills whole vectors (`fused_mix`).
    along = red * lean[0] + green * lean[1] + blue * lean[2]
    across = red * lean[3] + green * lean[4] + blue * lean[5]
    zero = np.float32(0.0)
    wedge = skin_wedge if across * skin_side > zero else open_wedge
    rule = wedge * abs(across)
    rest = red + green + blue - along * (lean[6] + lean[7] + lean[8])
    natural = nature * max(rest, zero) + (lean[9] if across > zero else lean[10]) * abs(across)
    # A grey-blue garment before blue leans far deep inside too: that is its own colour, wherever it is.
    told = natural if natural > rule else rule + near * (natural - rule)
    spill = max((along - (told if near > zero else rule)) * strength, zero)
    # Never more than the pixel holds of any colour: spill cannot exceed the light that is there.
    spill = min(spill, max(red / lean[6], zero)) if lean[6] > zero else spill
    spill = min(spill, max(green / lean[7], zero)) if lean[7] > zero else spill
    spill = min(spill, max(blue / lean[8], zero)) if lean[8] > zero else spill
    back = spill * keep * (lean[6] * np.float32(0.2126) + lean[7] * np.float32(0.7152) + lean[8] * np.float32(0.0722))
    return red - spill * lean[6] + back, green - spill * lean[7] + back, blue - spill * lean[8] + back


@kernel
def lean_kept(red, green, blue, alpha, f0, f1, f2, lean, nature):  # type: ignore[no-untyped-def]
    """One half-clear pixel, premultiplied, that leans no less towards the screen than the actor's colour (f) beside it
    does by nature: what the noise of an unmixed pixel takes away, despill would not give back, as it only takes.

    lean, nature: as for `despill_pixel`. Given back as the screen's light, the more of it the clearer the pixel is.
    """
    zero = np.float32(0.0)
    sum_ = lean[6] + lean[7] + lean[8]
    along = red * lean[0] + green * lean[1] + blue * lean[2]
    across = red * lean[3] + green * lean[4] + blue * lean[5]
    rest = max(red + green + blue - along * sum_, zero)
    own = f0 * lean[0] + f1 * lean[1] + f2 * lean[2]
    beside = f0 * lean[3] + f1 * lean[4] + f2 * lean[5]
    tinted = (lean[9] if beside > zero else lean[10]) * abs(beside)
    usual = min((own - tinted) / max(f0 + f1 + f2 - own * sum_, np.float32(1e-4)), nature)
    natural = usual * rest + (lean[9] if across > zero else lean[10]) * abs(across)
    more = max(natural - along, zero) * (np.float32(1.0) - alpha)
    return red + more * lean[6], green + more * lean[7], blue + more * lean[8]


def lean_of(
    along: NDArray[np.float32], across: NDArray[np.float32], colour: NDArray[np.float32]
) -> tuple[NDArray[np.float32], float]:
    """(lean for `despill_pixel`, its slopes 0; side of `across` that skin lies on) of a screen."""
    reach = max(float(colour @ along), 1e-4)
    side = 1.0 if float(SKIN[1] @ across) >= 0 else -1.0
    return np.concatenate([along, across, colour / reach, np.zeros(2)]).astype(np.float32), side


@kernel
def _despill(picture, lean, strength, keep, side, wedge, open_wedge, out):  # type: ignore[no-untyped-def]
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = despill_pixel(
                picture[y, x, 0], picture[y, x, 1], picture[y, x, 2], lean, strength, keep, side, wedge, open_wedge,
                np.float32(0.0), np.float32(0.0),
            )  # fmt: skip


def skin_wedge(skin: float, along: NDArray[np.float32], across: NDArray[np.float32]) -> float:
    """How far towards the screen a colour on the skin's side may lean before it counts as spill; skin 0..1.

    Slow at first: little protection is little. Never less than skin itself leans: before a yellow or orange screen
    clean skin leans far towards it.
    """
    tones = SKIN @ along, np.maximum(np.abs(SKIN @ across), 1e-4)
    natural = float(np.max(tones[0] / tones[1])) + 0.1
    return max(OPEN_WEDGE + (SKIN_WEDGE - OPEN_WEDGE) * skin**2, natural)


def despill(
    rgb: Picture, along: NDArray[np.float32], across: NDArray[np.float32], colour: NDArray[np.float32],
    strength: float = 1.0, keep_luma: float = 0.5, skin: float = 0.2,
) -> Picture:  # fmt: skip
    """The picture without the screen's light.

    rgb: (H, W, 3) float32, linear, premultiplied or not. along, across: see `colour.chroma_basis`; colour: the screen,
    linear. strength 0 leaves it, 1 takes all that is found; keep_luma gives that part of the brightness back as neutral
    light; skin 0..1 protects colours on the skin's side of the screen's hue. Raises ShapeError.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ShapeError(f"expected (H, W, 3), got {rgb.shape}")
    lean, side = lean_of(along, across, colour)
    out = np.empty(rgb.shape, np.float32)
    wedge = skin_wedge(skin, along, across)
    f = np.float32
    _despill(np.ascontiguousarray(rgb, f), lean, f(strength), f(keep_luma), f(side), f(wedge), f(OPEN_WEDGE), out)
    return out


def spill_amount(
    rgb: Picture, along: NDArray[np.float32], across: NDArray[np.float32], skin: float = 0.2
) -> NDArray[np.float32]:
    """(H, W) how far each pixel leans towards the screen beyond nature, as a part of its luminance (0 is clean)."""
    lean = rgb @ along
    side = np.sign(SKIN[1] @ across) or 1.0
    cross = rgb @ across
    wedge = np.where(cross * side > 0, skin_wedge(skin, along, across), OPEN_WEDGE)
    return np.asarray(np.maximum(lean - wedge * np.abs(cross), 0) / np.maximum(rgb @ LUMA, 1e-3), np.float32)
