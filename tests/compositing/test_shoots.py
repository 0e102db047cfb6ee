"""What cameras and phones bring: each codec, depth, container, range and curve through probe, proxy and comp.

PyAV's FFmpeg cannot encode 10-bit VP9, AV1 above 10 bits or AV1 by libaom; their decoders are the same as those used
here for 8 and 10 bits.
"""

import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

import av
import cv2
import numpy as np
import pytest

from compositing import transfer
from compositing.colour import decode_srgb, encode_srgb
from compositing.io.colours import planes_of_rgb
from compositing.io.probe import probe
from compositing.io.proxy import make_proxy
from compositing.io.video import frame_total, open_frames, read_frame
from compositing.keying.chroma import linear_from_planes
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256, render, still
from compositing.sources import Source
from compositing.timecode import Rate

WIDTH, HEIGHT, COUNT = 288, 512, 4
SCREEN, COAT = np.array([40, 168, 66]) / 255, np.array([150, 82, 60]) / 255  # sRGB-coded BT.709
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
QUIET = {"x265-params": "log-level=none:qp=4"}
TRC = {"hlg": 18, "pq": 16}


@dataclass
class Clip:
    """How a clip is written; tags are the numbers of ITU-T H.273. box: its container by the file's ending."""

    codec: str
    pix_fmt: str
    box: str
    name: str
    depth: int = 8
    options: dict[str, str] | None = None
    matrix: int = 1
    primaries: int = 1
    curve: int = 1
    full: bool = False
    tolerance: float = 3.0


CLIPS = [
    Clip("libx264", "yuv420p", "mp4", "h264", options={"qp": "4"}),
    Clip("libx264", "yuv420p", "mkv", "h264", options={"qp": "4"}, matrix=6, primaries=6, curve=6),
    Clip("libx264", "yuv422p10le", "mov", "h264", 10, {"qp": "4"}),
    Clip("libx264", "yuvj420p", "mp4", "h264", options={"qp": "4"}, full=True),
    Clip("libx264", "yuv422p", "mxf", "h264", options={"qp": "4"}),
    Clip("libx265", "yuv420p", "mp4", "hevc", options=QUIET),
    Clip("libx265", "yuv420p10le", "mov", "hevc", 10, QUIET),
    Clip("libx265", "yuv422p10le", "mkv", "hevc", 10, QUIET, full=True),
    Clip("libx265", "yuv420p10le", "mp4", "hevc", 10, QUIET, matrix=9, primaries=9, curve=14),
    Clip("libx265", "yuv420p10le", "mov", "hevc", 10, QUIET, matrix=9, primaries=9, curve=18, tolerance=5),
    Clip("libx265", "yuv420p10le", "mp4", "hevc", 10, QUIET, matrix=9, primaries=9, curve=16, tolerance=5),
    Clip("prores_ks", "yuv422p10le", "mov", "prores", 10, {"profile": "hq"}),
    Clip("prores_ks", "yuv444p10le", "mov", "prores", 12, {"profile": "4444"}),
    Clip("prores_ks", "yuv422p10le", "mxf", "prores", 10, {"profile": "standard"}),
    Clip("dnxhd", "yuv422p", "mov", "dnxhd", 8, {"profile": "dnxhr_hq"}),
    Clip("dnxhd", "yuv422p10le", "mxf", "dnxhd", 10, {"profile": "dnxhr_hqx"}),
    Clip("dnxhd", "yuv444p10le", "mov", "dnxhd", 10, {"profile": "dnxhr_444"}),
    Clip("libvpx-vp9", "yuv420p", "webm", "vp9", 8, {"crf": "4", "b": "0", "cpu-used": "8"}),
    Clip("libvpx-vp9", "yuv420p", "mkv", "vp9", 8, {"lossless": "1", "cpu-used": "8"}, full=True),
    Clip("libsvtav1", "yuv420p", "mp4", "libdav1d", 8, {"crf": "5", "preset": "10"}),
    Clip("libsvtav1", "yuv420p10le", "mkv", "libdav1d", 10, {"crf": "5", "preset": "10"}),
]


def light(n: int) -> np.ndarray:
    """(H, W, 3) linear BT.709: a coat before a screen, and a grey ramp at the bottom."""
    picture = np.empty((HEIGHT, WIDTH, 3))
    picture[:] = decode_srgb(SCREEN)
    left = 96 + 8 * n
    picture[160:440, left : left + 96] = decode_srgb(COAT)
    picture[460:] = decode_srgb(np.linspace(0.1, 0.9, WIDTH))[None, :, None]
    return picture


def in_its_own_colours(linear: np.ndarray, clip: Clip) -> np.ndarray:
    """R'G'B' as the clip codes it: the scene of `light` at 203 nits white, below the tone curve's knee or led back."""
    if clip.primaries == 9:
        linear = np.clip(linear @ np.linalg.inv(transfer.gamut_matrix(transfer.BT2020)).T, 0, None)
    if clip.curve not in (16, 18):
        return encode_srgb(linear)
    nits = untoned(linear * 203)
    if clip.curve == 16:
        return transfer.pq_from_nits(nits)
    bright = np.maximum(nits @ np.array([0.2627, 0.6780, 0.0593]), 1e-9)[..., None]
    return transfer.hlg_from_scene((bright / 1000) ** (1 / 1.2 - 1) * nits / 1000)


def untoned(nits: np.ndarray) -> np.ndarray:
    """The nits that the tone curve maps to these, one factor for the three channels."""
    before = np.linspace(0, 1000, 20001)
    most = np.maximum(nits.max(-1, keepdims=True), 1e-9)
    return nits * np.interp(most, transfer.tone_mapped(before), before) / most


def coded(rgb: np.ndarray, clip: Clip) -> list[np.ndarray]:
    """Y, Cb, Cr of (H, W, 3) coded RGB in the clip's matrix, range, depth and subsampling (colour sited in the middle
    of its pixels in this picture of flat areas, where that makes no difference)."""
    kr, kb = WEIGHTS[clip.matrix]
    luma = rgb @ np.array([kr, 1 - kr - kb, kb])
    chroma = [(rgb[..., 2] - luma) / (2 * (1 - kb)), (rgb[..., 0] - luma) / (2 * (1 - kr))]
    depth = 10 if "10" in clip.pix_fmt else 8
    unit = 1 << (depth - 8)
    top = (1 << depth) - 1
    size = (WIDTH // 2 if "444" not in clip.pix_fmt else WIDTH, HEIGHT // 2 if "420" in clip.pix_fmt else HEIGHT)
    small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in chroma]
    values = [luma * top, *(plane * top + 128 * unit for plane in small)] if clip.full else [
        luma * 219 * unit + 16 * unit, *(plane * 224 * unit + 128 * unit for plane in small)
    ]  # fmt: skip
    kind = np.uint16 if depth > 8 else np.uint8
    return [np.round(np.clip(value, 0, top)).astype(kind) for value in values]


def write(path, clip: Clip, pictures, rate=Fraction(25)):
    with av.open(str(path), "w", options={} if clip.box != "mp4" else {"movflags": "+faststart"}) as box:
        stream = box.add_stream(clip.codec, rate=rate, options=dict(clip.options or {}))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, clip.pix_fmt
        stream.time_base = stream.codec_context.time_base = 1 / rate
        context = stream.codec_context
        context.colorspace, context.color_range = clip.matrix, 2 if clip.full else 1
        context.color_primaries, context.color_trc = clip.primaries, clip.curve
        for n, picture in enumerate(pictures):
            frame = av.VideoFrame(WIDTH, HEIGHT, clip.pix_fmt)
            for plane, values in zip(frame.planes, coded(picture, clip), strict=True):
                rows = np.zeros((plane.height, plane.line_size // values.itemsize), values.dtype)
                rows[:, : values.shape[1]] = values
                plane.update(rows.tobytes())
            frame.colorspace, frame.color_range = clip.matrix, 2 if clip.full else 1
            frame.color_primaries, frame.color_trc = clip.primaries, clip.curve
            frame.pts, frame.time_base = n, 1 / rate
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    if clip.codec == "libsvtav1" and sys.platform == "linux":  # as root it puts whoever calls it before all others
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return path


def named(clip: Clip) -> str:
    return f"{clip.codec}-{clip.pix_fmt}-{clip.box}-{clip.matrix}.{clip.curve}{'-full' if clip.full else ''}"


@pytest.mark.slow
@pytest.mark.parametrize("clip", CLIPS, ids=named)
def test_each_kind_goes_from_probe_to_comp_in_its_right_colours(tmp_path, clip):
    path = write(tmp_path / f"take.{clip.box}", clip, [in_its_own_colours(light(n), clip) for n in range(COUNT)])
    facts = probe(path)
    assert (facts.codec, facts.depth, facts.frame_count, facts.corrupt_count) == (clip.name, clip.depth, COUNT, 0)
    assert (facts.display_width, facts.display_height) == (WIDTH, HEIGHT)
    assert Fraction(facts.fps_num, facts.fps_den) == 25 and not facts.vfr and not facts.interlaced
    if clip.codec != "dnxhd" or clip.box != "mxf":
        assert facts.colour.matrix == {1: "bt709", 6: "bt601", 9: "bt2020"}[clip.matrix]
        assert facts.colour.full_range is clip.full
    assert facts.colour.hdr is (clip.curve in (16, 18))
    made = make_proxy(path, tmp_path / "out", rate=Rate(25, 1), width=WIDTH, height=HEIGHT)
    assert made["frame_count"] == COUNT
    spots = {(60, 40): SCREEN, (300, 150): COAT, (490, 144): np.full(3, 0.5)}
    shown = read_frame(tmp_path / "out" / "proxy.mp4", 1).astype(float)
    for (y, x), colour in spots.items():
        got = shown[y - 3 : y + 4, x - 1 : x + 2].mean((0, 1))
        assert np.abs(got - colour * 255).max() < clip.tolerance + 2, ("proxy", y, x, got, colour * 255)
    sha = file_sha256(path)
    source = Source(LayerRecipe("a", "actor", sha), path, WIDTH, HEIGHT, Fraction(25))
    linear = source.linear(next(iter(source.raw(1, 2))))
    for (y, x), colour in spots.items():
        got = encode_srgb(linear[y - 3 : y + 4, x - 1 : x + 2].mean((0, 1))) * 255
        assert np.abs(got - colour * 255).max() < clip.tolerance, ("linear", y, x, got, colour * 255)
    recipe = Recipe(WIDTH, HEIGHT, 25, 1, COUNT, (LayerRecipe("a", "actor", sha),))
    comp, found = still(recipe, {sha: str(path)}, 1)
    assert found["screens"]["a"]["name"] == "green"
    assert np.abs(comp[300, 150].astype(float) - COAT * 255).max() < 10  # the coat stands
    assert np.ptp(comp[60, 40].astype(int)) <= 8  # and the screen is gone


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le"])
def test_ten_bits_stay_ten(tmp_path, pix_fmt):
    """A ramp over a tenth of the range has four times the steps in 10 bits, in light as in code."""
    clip = Clip("libx264", pix_fmt, "mov", "h264", options={"qp": "0"})
    ramp = np.broadcast_to(np.linspace(0.4, 0.5, WIDTH)[None, :, None], (HEIGHT, WIDTH, 3))
    path = write(tmp_path / "ramp.mov", clip, [ramp])
    source = Source(LayerRecipe("b", "background", "0" * 64), path, WIDTH, HEIGHT, Fraction(25))
    row = source.linear(next(iter(source.raw(0, 1))))[HEIGHT // 2, :, 1]
    steps = len(np.unique(np.round(encode_srgb(row) * 65535)))
    assert (20 <= steps <= 26) if pix_fmt == "yuv420p" else (80 <= steps <= 96)
    assert np.abs(encode_srgb(row) - ramp[0, :, 0]).max() < (0.6 / 219 if pix_fmt == "yuv420p" else 0.6 / 876)


def test_sixteen_bit_rgb_is_not_squeezed():
    rng = np.random.default_rng(2)
    rgb = rng.integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    got = encode_srgb(linear_from_planes(planes_of_rgb(rgb)))
    assert np.abs(got * 65535 - rgb).max() < 65535 / 4096


@pytest.mark.parametrize(
    ("own", "to", "expected"),
    [
        ((50, 1), (25, 1), 2), ((60000, 1001), (30000, 1001), 2), ((60, 1), (30, 1), 2), ((60, 1), (24, 1), 2.5),
        ((60000, 1001), (24, 1), 2.4975), ((50, 1), (24, 1), 50 / 24), ((50, 1), (30, 1), 50 / 30),
        ((60000, 1001), (25, 1), 2.3976), ((25, 1), (24, 1), 25 / 24), ((30, 1), (24, 1), 1.25),
    ],
)  # fmt: skip
def test_fast_rates_fall_into_the_productions(tmp_path, own, to, expected):
    count, rate, target = 60, Fraction(*own), Fraction(*to)
    path = tmp_path / "fast.mp4"
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=rate, options={"qp": "8", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        stream.time_base = stream.codec_context.time_base = 1 / rate
        for n in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 20 + 3 * n, np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = n, 1 / rate
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    shown = [round((float(picture[16, 16].mean()) - 20) / 3) for picture in open_frames(path, fps=target)]
    assert len(shown) == frame_total(path, target) == ceil(count / expected - 0.2)
    for n, source in enumerate(shown):
        assert abs(source - n * expected) <= 1.01, (n, source)
    assert all(later > earlier for earlier, later in pairwise(shown))


@pytest.mark.parametrize("size", [(101, 179), (180, 321), (97, 53)])
def test_odd_sizes_go_all_the_way(tmp_path, size):
    width, height = size
    path = tmp_path / "odd.mkv"
    with av.open(str(path), "w") as box:
        stream = box.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(3):
            picture = np.full((height, width, 3), (40, 168, 66), np.uint8)
            picture[height // 3 :, width // 3 : width * 2 // 3] = (150, 82, 60)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = n, Fraction(1, 24)
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    facts = probe(path)
    assert (facts.display_width, facts.display_height, facts.frame_count) == (width, height, 3)
    made = make_proxy(path, tmp_path / "out", rate=Rate(24, 1), width=width * 2, height=height * 2)
    assert made["width"] % 2 == made["height"] % 2 == 0 and made["frame_count"] == 3
    sha = file_sha256(path)
    recipe = Recipe(108, 192, 24, 1, 3, (LayerRecipe("a", "actor", sha),))
    comp, _found = still(recipe, {sha: str(path)}, 2)
    assert comp.shape == (192, 108, 3)


@pytest.mark.slow
@pytest.mark.parametrize("clip", [CLIPS[n] for n in (2, 7, 9, 10, 16)], ids=named)
@pytest.mark.parametrize("mode", ["fast", "best"])
def test_a_render_shows_what_the_still_promised(tmp_path, clip, mode):
    """The way that films take through a render, whatever it is, reads each layout and depth as a still does."""
    path = write(tmp_path / f"take.{clip.box}", clip, [in_its_own_colours(light(n), clip) for n in range(COUNT)])
    sha = file_sha256(path)
    recipe = Recipe(WIDTH, HEIGHT, 25, 1, COUNT, (LayerRecipe("a", "actor", sha),), mode=mode)
    made = render(recipe, {sha: str(path)}, tmp_path / "out")
    promised, _found = still(recipe, {sha: str(path)}, 2)
    shown = read_frame(made["master"], 2).astype(float)
    assert np.abs(shown - promised).mean() < 1.5
    assert np.abs(shown[300, 150] - COAT * 255).max() < 10
