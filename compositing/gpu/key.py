"""Twins of `keying.matte`, `edges`, `despill` and `layer.over`, on (n, c, H, W) float32 tensors.

Same names, same order of steps, same constants; tests hold each within 1/255 of the CPU engine at p99.9.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Numbers = np.ndarray


def upsampled(maps: Tensor, height: int, width: int) -> Tensor:
    """(n, c, H, W) of small maps (n, c, h, w): pixel centres, edges held. Twin of `layer.row_of` and of its users."""
    return functional.interpolate(maps, size=(height, width), mode="bilinear", align_corners=False)


def dot(picture: Tensor, direction: Numbers) -> Tensor:
    """(n, 1, H, W) of (n, 3, H, W) along a direction (3,)."""
    parts = [float(value) for value in direction]
    return picture[:, 0:1] * parts[0] + picture[:, 1:2] * parts[1] + picture[:, 2:3] * parts[2]


def total(picture: Tensor) -> Tensor:
    return picture[:, 0:1] + picture[:, 1:2] + picture[:, 2:3]


def matte(linear: Tensor, maps: Tensor, along: Numbers, across: Numbers, numbers: Numbers) -> Tensor:
    """(n, 1, H, W) alpha. linear (n, 3, H, W); maps (n, c, H, W), upsampled; numbers: `Keyer.matte_numbers`."""
    wedge, gain, balance, clear, refine, black, white, intensity, shine, noise_light, noise_colour = (
        float(value) for value in numbers[:11]
    )
    screen, foreground, core, reach = maps[:, 0:3], maps[:, 3:6], maps[:, 6:7], maps[:, 7:8]
    screen_along = dot(screen, along).clamp_min(1e-4)
    own_along = dot(linear, along)
    own_across = dot(linear, across) - own_along * (dot(screen, across) / screen_along - balance)
    usual = wedge * own_across.abs()
    if maps.shape[1] > 11:  # the actor's own lean, where it is known
        rest = (total(linear) - own_along * total(screen) / screen_along).clamp_min(0)
        usual = usual + maps[:, 11:12] * (maps[:, 10:11] * rest - usual)
    seen = (own_along - usual) / screen_along * gain
    value = (1 - seen).clamp(0, 1)
    if refine > 0:
        value = value + _solved(linear, screen, foreground, value, refine, intensity, shine, noise_light, noise_colour)
    value = torch.where(seen >= clear, torch.zeros_like(value), value)
    value = (value - black) * (1 / max(white - black, 1e-3))
    value = torch.where(value > core, value.clamp(max=1).maximum(core), core) * reach.clamp(max=1)
    value = value.clamp(0, 1)
    value = torch.where(reach <= 0.001, torch.zeros_like(value), value)
    return torch.where(core >= 0.999, torch.ones_like(value), value)


def _solved(
    linear: Tensor, screen: Tensor, foreground: Tensor, value: Tensor, refine: float, intensity: float, shine: float,
    noise_light: float, noise_colour: float,
) -> Tensor:  # fmt: skip
    """What the band's solution adds to the colour difference; see `keying.matte` for the maths."""
    root3 = 1 / math.sqrt(3.0)
    apart = foreground - screen
    square = value * value
    scale = total(screen * screen) + 1e-4
    light, colour = 1 / ((noise_light + square * shine) * scale), 1 / (noise_colour * scale)
    more = (light - colour) * root3
    w = colour * apart + more * (total(apart) * root3)
    u = colour * foreground + more * (total(foreground) * root3)
    wide = square * intensity
    w = w - wide * total(foreground * w) / (1 + wide * total(foreground * u)) * u
    down = total(w * apart)
    solved = (total(w * (linear - screen)) / down.clamp_min(1e-3)).clamp(0, 1)
    trust = refine * down / (down + 8.0)
    change = trust * (solved - value) * (value * 12.0).clamp(max=1)
    return torch.where(down > 1e-3, change, torch.zeros_like(change))


def foreground(
    linear: Tensor, alpha: Tensor, maps: Tensor, lean: Numbers, numbers: Numbers, side: float, open_wedge: float
) -> Tensor:
    """(n, 4, H, W) premultiplied foreground: unmixed, extended, despilled. maps (n, 10, H, W), upsampled."""
    unmix, extend, strength, keep, wedge = (float(value) for value in numbers[:5])
    mixed = _lean_kept(_unmixed(linear, alpha, maps, unmix, extend), alpha, maps, lean)
    colour = torch.where(alpha < 1, mixed, linear)
    colour = _despilled(colour, maps, lean, strength, keep, side, wedge, open_wedge)
    return torch.cat([colour, alpha], 1) * (alpha > 0)


def _unmixed(linear: Tensor, alpha: Tensor, maps: Tensor, unmix: float, extend: float) -> Tensor:
    screen, near = maps[:, 0:3], maps[:, 3:6]
    colour = (linear - (1 - alpha) * unmix * screen).clamp_min(0)
    if extend <= 0:
        return colour
    lend = extend * (1 - alpha)
    borrowed = alpha * total(near)
    gain = (total(colour) / borrowed.clamp_min(1e-6)).clamp(0.5, 1.6)
    gain = torch.where(borrowed > 1e-6, gain, torch.ones_like(gain))
    return colour + lend * (alpha * near * gain - colour)


def _lean_kept(colour: Tensor, alpha: Tensor, maps: Tensor, lean: Numbers) -> Tensor:
    near, nature, light = maps[:, 3:6], maps[:, 8:9], float(lean[6:9].sum())
    along, own = dot(colour, lean[0:3]), dot(near, lean[0:3])
    rest = (total(colour) - along * light).clamp_min(0)
    tinted = _by_tint(dot(near, lean[3:6]), lean)
    usual = ((own - tinted) / (total(near) - own * light).clamp_min(1e-4)).minimum(nature)
    natural = usual * rest + _by_tint(dot(colour, lean[3:6]), lean)
    given = torch.tensor(lean[6:9], dtype=colour.dtype, device=colour.device).view(1, 3, 1, 1)
    return colour + (natural - along).clamp_min(0) * (1 - alpha) * given


def _by_tint(across: Tensor, lean: Numbers) -> Tensor:
    return torch.where(across > 0, float(lean[9]), float(lean[10])) * across.abs()


def _despilled(
    colour: Tensor, maps: Tensor, lean: Numbers, strength: float, keep: float, side: float, skin_wedge: float,
    open_wedge: float,
) -> Tensor:  # fmt: skip
    nature, near = maps[:, 8:9], maps[:, 9:10]
    along, across = dot(colour, lean[0:3]), dot(colour, lean[3:6])
    wedge = torch.where(across * side > 0, skin_wedge, open_wedge)
    allowed = wedge * across.abs()
    rest = (total(colour) - along * float(lean[6:9].sum())).clamp_min(0)
    natural = nature * rest + _by_tint(across, lean)
    taken = torch.where(natural > allowed, natural, allowed + near * (natural - allowed))
    allowed = torch.where(near > 0, taken, allowed)
    spill = ((along - allowed) * strength).clamp_min(0)
    for channel in range(3):  # never more than the pixel holds of any colour
        light = float(lean[6 + channel])
        if light > 0:
            spill = spill.minimum((colour[:, channel : channel + 1] / light).clamp_min(0))
    weights = (0.2126, 0.7152, 0.0722)
    luma = sum(float(lean[6 + channel]) * weight for channel, weight in enumerate(weights))
    taken_light = torch.tensor(lean[6:9], dtype=colour.dtype, device=colour.device).view(1, 3, 1, 1)
    return colour - spill * taken_light + spill * keep * luma


def _moved(alpha: Tensor, radius: int, inwards: bool) -> Tensor:
    """Eroded or dilated by OpenCV's ellipse of that radius; the frame's edge does not count."""
    best = alpha
    edge = functional.pad(alpha, (radius,) * 4, value=2.0 if inwards else -1.0)
    height, width = alpha.shape[2:]
    for dy in range(-radius, radius + 1):
        # cv2.getStructuringElement(MORPH_ELLIPSE): each line reaches round(sqrt(r^2 - dy^2)) to both sides
        reach = round(math.sqrt(radius * radius - dy * dy))
        for dx in range(-reach, reach + 1):
            there = edge[:, :, radius + dy : radius + dy + height, radius + dx : radius + dx + width]
            best = best.minimum(there) if inwards else best.maximum(there)
    return best


def edge_shifted(alpha: Tensor, inwards_px: float) -> Tensor:
    """Twin of `keying.keyer._shift_edge`: whole pixels by morphology, the rest by a mix."""
    whole, part = int(abs(inwards_px)), abs(inwards_px) % 1
    if whole:
        alpha = _moved(alpha, whole, inwards_px > 0)
    return alpha + part * (_moved(alpha, 1, inwards_px > 0) - alpha)


def softened(alpha: Tensor, sigma: float) -> Tensor:
    """Gaussian blur as OpenCV does it for float32: 8 sigma wide, the picture mirrored at its edge."""
    size = round(sigma * 8 + 1) | 1
    reach = size // 2
    at = torch.arange(size, dtype=alpha.dtype, device=alpha.device) - reach
    taps = torch.exp(-0.5 * (at / sigma) ** 2)
    taps = taps / taps.sum()
    wide = functional.pad(alpha, (reach,) * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(wide, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))


def crisp(picture: Tensor, amount: float, sigma_px: float = 0.8) -> Tensor:
    """Twin of `edges.crisp`: (n, 4, H, W) premultiplied, the lens's softness taken back at half-clear pixels."""
    alpha = picture[:, 3:4]
    at = torch.arange(-2, 3, dtype=alpha.dtype, device=alpha.device)
    taps = torch.exp(-0.5 * (at / sigma_px) ** 2)
    taps = taps / taps.sum()
    wide = functional.pad(alpha, (2,) * 4, mode="replicate")
    soft = functional.conv2d(functional.conv2d(wide, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    sharper = (alpha + amount * (alpha - soft)).clamp(0, 1)
    gain = torch.where((alpha > 0) & (alpha < 1), (sharper / alpha).clamp(max=3), torch.ones_like(alpha))
    return picture * gain


def over(base: Tensor, top: Tensor) -> Tensor:
    """(n, 3, H, W): top (n, 4, H, W) premultiplied over base, linear."""
    return top[:, :3] + (1 - top[:, 3:4]) * base
