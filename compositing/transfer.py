"""High dynamic range and wide colour to what the studio works in: PQ, HLG, tone mapping, gamuts. Pure functions.

Everything in the studio is BT.709 for an SDR screen. A film in PQ or HLG is shown on its mastering screen in numbers
(nits), mapped to a screen whose white is 203 nits (the reference white of ITU-R BT.2408) by the curve of ITU-R BT.2390,
and brought into BT.709 in linear light. A film in BT.2020 or P3 without HDR is brought into BT.709 alone.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from compositing.colour import decode_srgb, encode_srgb
from compositing.devices import kernel

Floats = NDArray[np.floating]
PQ_PEAK = 10_000.0  # nits at code 1, SMPTE ST 2084
HLG_PEAK = 1_000.0  # nits of the screen that HLG is shown on, ITU-R BT.2100
MASTERED_PEAK = 1_000.0  # nits that a PQ film is taken to reach: what nearly all are graded on
WHITE = 203.0  # nits of SDR white, ITU-R BT.2408
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
D65 = (0.3127, 0.3290)
# (red, green, blue, white) as CIE 1931 x, y.
BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), D65)
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)
P3_D65 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65)
P3_DCI = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351))
GAMUTS = {"bt709": BT709, "bt2020": BT2020, "p3_d65": P3_D65, "p3_dci": P3_DCI}
Primaries = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def nits_from_pq(code: Floats) -> Floats:
    """Nits (0..10000) of PQ-coded values (0..1). Source: SMPTE ST 2084:2014, equation 4.1."""
    power = np.power(np.clip(np.asarray(code, np.float64), 0, 1), 1 / _M2)
    return np.asarray(PQ_PEAK * np.power(np.maximum(power - _C1, 0) / (_C2 - _C3 * power), 1 / _M1))


def pq_from_nits(nits: Floats) -> Floats:
    """PQ-coded values (0..1) of nits. Source: SMPTE ST 2084:2014, equation 5.1."""
    power = np.power(np.clip(np.asarray(nits, np.float64) / PQ_PEAK, 0, 1), _M1)
    return np.asarray(np.power((_C1 + _C2 * power) / (1 + _C3 * power), _M2))


def scene_from_hlg(code: Floats) -> Floats:
    """Scene light (0..1) of HLG-coded values (0..1). Source: ITU-R BT.2100-2, table 5, inverse OETF."""
    code = np.clip(np.asarray(code, np.float64), 0, 1)
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - _C) / _A) + _B) / 12)


def hlg_from_scene(scene: Floats) -> Floats:
    """HLG-coded values (0..1) of scene light (0..1). Source: ITU-R BT.2100-2, table 5, OETF."""
    scene = np.clip(np.asarray(scene, np.float64), 0, 1)
    high = _A * np.log(np.maximum(12 * scene - _B, 1e-12)) + _C
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def hlg_gamma(peak: float = HLG_PEAK) -> float:
    """The system gamma of a screen of `peak` nits. Source: ITU-R BT.2100-2, note 5e."""
    return float(1.2 + 0.42 * np.log10(peak / 1000))


def nits_from_hlg(code: Floats, peak: float = HLG_PEAK) -> Floats:
    """Nits that a screen of `peak` shows for HLG-coded BT.2020 RGB (..., 3). Source: ITU-R BT.2100-2, OOTF."""
    scene = scene_from_hlg(code)
    brightness = scene @ np.array([0.2627, 0.6780, 0.0593])
    return np.asarray(peak * np.power(np.maximum(brightness, 1e-12), hlg_gamma(peak) - 1)[..., None] * scene)


def tone_mapped(nits: Floats, source_peak: float = MASTERED_PEAK, target_peak: float = WHITE) -> Floats:
    """Nits on a screen of `target_peak` for nits mastered up to `source_peak`: unchanged up to a knee, then rolled off.

    Source: ITU-R BT.2390-10, section 5.4.1 (EETF), black left at 0.
    """
    if target_peak >= source_peak:
        return np.asarray(nits, np.float64)
    top = float(pq_from_nits(np.array(source_peak)))
    most = float(pq_from_nits(np.array(target_peak))) / top
    knee = 1.5 * most - 0.5
    level = np.minimum(pq_from_nits(nits) / top, 1)
    t = np.maximum(level - knee, 0) / (1 - knee)
    rolled = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return nits_from_pq(np.where(level < knee, level, rolled) * top)


def xyz_from(primaries: Primaries) -> Floats:
    """(3, 3) from linear RGB of these primaries to CIE XYZ with white at Y = 1."""
    x, y = np.array(primaries, np.float64).T
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    return columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])


def gamut_matrix(source: Primaries, target: Primaries = BT709) -> Floats:
    """(3, 3) from linear RGB of `source` to linear RGB of `target`; another white is adapted (Bradford).

    Source: SMPTE RP 177-1993; for BT.2020 to BT.709 the same as ITU-R BT.2407 / BT.2087.
    """
    from_xyz, to_xyz = xyz_from(source), xyz_from(target)
    white, wanted = from_xyz.sum(1), to_xyz.sum(1)
    adapt = np.eye(3)
    if not np.allclose(white, wanted, atol=1e-4):
        adapt = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ wanted) / (_BRADFORD @ white)) @ _BRADFORD
    return np.asarray(np.linalg.inv(to_xyz) @ adapt @ from_xyz)


@dataclass(frozen=True)
class Conversion:
    """What a film needs to become BT.709 SDR. transfer: "pq", "hlg" or "sdr"; primaries: the film's own."""

    transfer: str
    primaries: Primaries

    @cached_property
    def tables(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], float]:
        """(light of each 16-bit code, ratio of the tone curve by the fourth root of the share of the peak, matrix,
        peak); light in units of SDR white, or scene light for HLG.
        """
        code = np.arange(65536) / 65535.0
        matrix = np.ascontiguousarray(gamut_matrix(self.primaries), np.float32)
        if self.transfer == "sdr":
            return np.asarray(decode_srgb(code), np.float32), np.ones(2, np.float32), matrix, 0.0
        peak = HLG_PEAK if self.transfer == "hlg" else MASTERED_PEAK
        light = scene_from_hlg(code) if self.transfer == "hlg" else nits_from_pq(code) / WHITE
        nits = np.maximum((np.arange(4097) / 4096.0) ** 4 * peak, 1e-9)
        ratio = tone_mapped(nits, peak) / nits
        return light.astype(np.float32), ratio.astype(np.float32), matrix, peak / WHITE


@lru_cache(maxsize=1)
def _codes() -> NDArray[np.uint16]:
    return np.round(encode_srgb((np.arange(65536) / 65535.0) ** 2) * 65535).astype(np.uint16)  # by the square root


@kernel
def _convert(coded, light, ratio, matrix, peak, ootf, codes, out):  # type: ignore[no-untyped-def]
    one, zero, last = np.float32(1.0), np.float32(0.0), ratio.shape[0] - 1
    for y in range(coded.shape[0]):
        for x in range(coded.shape[1]):
            r, g, b = light[coded[y, x, 0]], light[coded[y, x, 1]], light[coded[y, x, 2]]
            if ootf > zero:
                bright = np.float32(0.2627) * r + np.float32(0.6780) * g + np.float32(0.0593) * b
                gain = peak * max(bright, np.float32(1e-12)) ** ootf
                r, g, b = r * gain, g * gain, b * gain
            if peak > zero:
                # One factor for the three keeps the hue; none of them passes white. Beyond the peak it is clipped.
                most = max(r, max(g, b))
                place = np.sqrt(np.sqrt(min(most / peak, one))) * np.float32(last)
                first = min(int(place), last - 1)
                part = place - np.float32(first)
                factor = ratio[first] + part * (ratio[first + 1] - ratio[first])
                if most > peak:
                    factor *= peak / most
                r, g, b = r * factor, g * factor, b * factor
            for c in range(3):
                value = matrix[c, 0] * r + matrix[c, 1] * g + matrix[c, 2] * b
                value = np.sqrt(min(max(value, zero), one))
                out[y, x, c] = codes[int(value * np.float32(65535.0) + np.float32(0.5))]


@lru_cache(maxsize=8)
def conversion_of(transfer: str, gamut: str) -> Conversion:
    """The conversion from "pq", "hlg" or "sdr" in one of GAMUTS, with its tables kept."""
    return Conversion(transfer, GAMUTS[gamut])


def to_sdr(coded: NDArray[np.uint16], conversion: Conversion) -> NDArray[np.uint16]:
    """(H, W, 3) sRGB-coded BT.709 RGB of the film's own RGB, coded by its transfer; both 16 bits over the full range.

    Light beyond the peak and colours outside BT.709 are clipped.
    """
    light, ratio, matrix, peak = conversion.tables
    out = np.empty(coded.shape, np.uint16)
    ootf = np.float32(hlg_gamma() - 1 if conversion.transfer == "hlg" else 0.0)
    _convert(np.ascontiguousarray(coded), light, ratio, matrix, np.float32(peak), ootf, _codes(), out)
    return out
