"""How far a matte and a comp are from the truth: the measures that papers and peers report, so that figures compare.

MAD, MSE, Grad, Conn (Rhemann et al., CVPR 2009), dtSSD (Erofeev et al., BMVC 2015) in the scales of Robust Video
Matting and BackgroundMattingV2; edge PSNR and CIEDE2000 in the unknown band; screen colour left over (fringe) or taken
too far (dull). Grad and Conn are sums: compare them at one resolution only.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import decode_srgb
from compositing.errors import ShapeError

Alphas = Sequence[NDArray[np.float32]]
_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
SHARED = ("MAD", "MSE", "Grad", "Conn", "dtSSD", "MADunk", "core", "out", "flicker")
COMP = ("PSNR", "PSNRedge", "dE", "dEedge", "fringe", "dull")


def edge_band(truth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The unknown band of a true matte: neither clear nor solid, widened by 4 px."""
    return np.asarray(cv2.dilate(((truth > 0.02) & (truth < 0.98)).astype(np.uint8), _DISC) > 0)


def gradient(alpha: NDArray[np.floating], sigma: float = 1.4) -> NDArray[np.float64]:
    """Magnitude of the Gaussian-derivative gradient of a matte stretched to 0..1."""
    half = int(np.ceil(sigma * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma * 0.01))))
    x = np.arange(-half, half + 1, dtype=np.float64)
    bell = np.exp(-(x**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    slope = -x * bell / sigma**2
    scale = float(np.sqrt((np.outer(bell, slope) ** 2).sum()))
    a = np.asarray(alpha, np.float64)
    span = float(a.max() - a.min())
    a = (a - a.min()) / span if span > 1e-9 else np.zeros_like(a)
    # Correlation with the derivative's kernel; its sign falls out of the magnitude.
    dx = cv2.sepFilter2D(a, cv2.CV_64F, slope / scale, bell, borderType=cv2.BORDER_REPLICATE)
    dy = cv2.sepFilter2D(a, cv2.CV_64F, bell, slope / scale, borderType=cv2.BORDER_REPLICATE)
    return np.hypot(dx, dy)


def connectivity(found: NDArray[np.float32], truth: NDArray[np.float32], step: float = 0.1) -> float:
    """Connectivity error: how much of each matte hangs off the largest part solid in both; sum / 1000."""
    reached = np.full(truth.shape, -1.0, np.float32)
    levels = np.arange(0, 1 + step, step)
    for below, level in itertools.pairwise(levels):
        both = ((truth >= level - 1e-6) & (found >= level - 1e-6)).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        main = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if len(stats) > 1 else np.zeros(both.shape, bool)
        reached[(reached == -1) & ~main] = below
    reached[reached == -1] = 1
    parts = [matte - reached for matte in (truth, found)]
    joined = [1 - part * (part >= 0.15) for part in parts]
    return float(np.abs(joined[0] - joined[1]).sum() / 1e3)


def lab(coded: NDArray[np.floating]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB-coded values (..., 3) in 0..1."""
    matrix = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
    xyz = decode_srgb(coded).astype(np.float64) @ matrix.T / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def ciede2000(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """CIEDE2000 difference of two L*a*b* pictures (..., 3). Source: Sharma, Wu and Dalal 2005."""
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    lift = 1 + 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    a1, a2 = a1 * lift, a2 * lift
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    far = np.abs(h1 - h2) > 180
    total = h1 + h2
    mean_hue = np.where(grey, total, np.where(~far, total / 2, np.where(total < 360, total / 2 + 180, total / 2 - 180)))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weave = (
        1 - 0.17 * np.cos(np.radians(mean_hue - 30)) + 0.24 * np.cos(np.radians(2 * mean_hue))
        + 0.32 * np.cos(np.radians(3 * mean_hue + 6)) - 0.2 * np.cos(np.radians(4 * mean_hue - 63))
    )  # fmt: skip
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weave
    angle = np.radians(60 * np.exp(-(((mean_hue - 275) / 25) ** 2)))
    turned = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(angle)
    x, y, z = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return np.sqrt(np.maximum(x * x + y * y + z * z + turned * y * z, 0))


def compare_mattes(found: Alphas, truth: Alphas) -> dict[str, float]:
    """MAD, MSE, MADunk, core, out, flicker (x 1000), Grad, Conn (sums / 1000), dtSSD (x 100); lower is better.

    Each a sequence of (H, W) float mattes 0..1, frame for frame. Raises ShapeError for other counts or sizes.
    """
    _same(found, truth)
    bands = [edge_band(t) for t in truth]
    steps = [((found[i] - found[i - 1]) - (truth[i] - truth[i - 1])) for i in range(1, len(truth))]
    stack = np.stack(truth)
    still = (stack.max(0) - stack.min(0)) < 0.01
    gap = [np.abs(p - t) for p, t in zip(found, truth, strict=True)]
    parts = list(zip(gap, truth, bands, strict=True))
    result = {
        "MAD": _mean([g.mean() * 1e3 for g in gap]),
        "MSE": _mean([(g**2).mean() * 1e3 for g in gap]),
        "Grad": _mean([((gradient(t) - gradient(p)) ** 2).sum() / 1e3 for p, t in zip(found, truth, strict=True)]),
        "Conn": _mean([connectivity(p, t) for p, t in zip(found, truth, strict=True)]),
        "dtSSD": _mean([np.sqrt((s**2).mean()) * 1e2 for s in steps]),
        "MADunk": _mean([g[b].mean() * 1e3 for g, _, b in parts if b.any()]),
        "core": _mean([g[m].mean() * 1e3 for g, t, b in parts if (m := (t >= 0.98) & ~b).any()]),
        "out": _mean([g[m].mean() * 1e3 for g, t, b in parts if (m := (t <= 0.02) & ~b).any()]),
    }
    if still.any():
        result["flicker"] = _mean([np.abs(s)[still].mean() * 1e3 for s in steps])
    return result


def compare_comps(
    found: Sequence[NDArray[np.float32]], truth: Sequence[NDArray[np.float32]], mattes: Alphas, screen: str
) -> dict[str, float]:
    """PSNR and PSNRedge (dB, higher is better), dE, dEedge, fringe and dull (8-bit codes) of sRGB-coded frames 0..1.

    mattes: the true ones, for the band; screen: "green" or "blue". Raises ShapeError.
    """
    _same(found, truth)
    key = {"green": 1, "blue": 2}[screen]
    others = [c for c in range(3) if c != key]
    error = pixels = edge_error = edge_pixels = 0.0
    all_de, edge_de, over, under = [], [], [], []
    for comp, true, matte in zip(found, truth, mattes, strict=True):
        band = edge_band(matte)
        square = ((comp - true).astype(np.float64) ** 2).mean(-1)
        error, pixels = error + float(square.sum()), pixels + square.size
        edge_error, edge_pixels = edge_error + float(square[band].sum()), edge_pixels + float(band.sum())
        de = ciede2000(lab(comp), lab(true))
        all_de.append(de.mean())
        if band.any():
            lean = [p[..., key] - p[..., others].mean(-1) for p in (comp, true)]
            left = (lean[0] - lean[1])[band] * 255
            edge_de.append(de[band].mean())
            over.append(np.maximum(left, 0).mean())
            under.append(np.maximum(-left, 0).mean())
    return {
        "PSNR": _psnr(error, pixels), "PSNRedge": _psnr(edge_error, edge_pixels), "dE": _mean(all_de),
        "dEedge": _mean(edge_de), "fringe": _mean(over), "dull": _mean(under),
    }  # fmt: skip


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Results as a plain text table, one row each."""
    names = [name for name in (*SHARED, *COMP) if any(name in row for row in rows.values())]
    wide = max([len(label) for label in rows] + [4])
    lines = [" ".join([" " * wide, *(f"{name:>8}" for name in names)])]
    for label, row in rows.items():
        cells = (f"{row[name]:8.2f}" if name in row else " " * 8 for name in names)
        lines.append(" ".join([f"{label:<{wide}}", *cells]))
    return "\n".join(lines)


def _psnr(error: float, pixels: float) -> float:
    return float("inf") if error == 0 else float(10 * np.log10(pixels / error))


def _mean(values: Sequence[Any]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _same(found: Sequence[NDArray[np.float32]], truth: Sequence[NDArray[np.float32]]) -> None:
    if len(found) != len(truth):
        raise ShapeError(f"expected {len(truth)} frames, got {len(found)}")
    for index, (f, t) in enumerate(zip(found, truth, strict=True)):
        if f.shape != t.shape:
            raise ShapeError(f"frame {index + 1}: expected {t.shape}, got {f.shape}")
