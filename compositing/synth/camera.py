"""The camera: lens softness, sensor noise, and the film it writes."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, encode_srgb
from compositing.io.writer import ACCURATE
from compositing.synth.scene import Scene


def disc_blur(picture: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Out of focus by a disc of that radius in pixels, its rim a pixel soft; the frame's edge is carried on."""
    if radius < 0.3:
        return picture
    reach = int(np.ceil(radius + 1))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc: NDArray[np.float64] = np.asarray(np.clip(radius + 0.5 - np.hypot(x, y), 0, 1))
    disc = np.divide(disc, disc.sum())
    return np.asarray(cv2.filter2D(picture, cv2.CV_32F, disc, borderType=cv2.BORDER_REPLICATE), np.float32)


def expose(plate: Picture, scene: Scene, rng: np.random.Generator) -> Picture:
    """What the sensor saw, linear: softened by the lens, with shot and read noise. Not clipped below 0."""
    soft = cv2.GaussianBlur(plate, (0, 0), scene.softness, borderType=cv2.BORDER_REPLICATE)
    spread = np.sqrt(scene.read_noise**2 + scene.shot_noise * np.maximum(soft, 0))
    grain = np.asarray(rng.standard_normal(soft.shape, np.float32))
    # Red and blue come from every fourth photosite: their noise is softer and a little stronger.
    for channel in (0, 2):
        grain[..., channel] = 1.8 * cv2.GaussianBlur(grain[..., channel], (0, 0), 0.7)
    return np.asarray(soft + spread * grain, np.float32)


def write_film(path: Path, pictures: list[Picture], scene: Scene) -> None:
    """H.264 4:2:0 or 4:4:4, limited BT.709, tagged, 8 or 10 bit; the same pictures give the same bytes. Linear in."""
    height, width = pictures[0].shape[:2]
    pixels = pixel_format(scene)
    with av.open(str(path), "w", container_options={"fflags": "+bitexact"}) as box:
        options = {
            "crf": str(scene.crf), "preset": scene.preset, "flags": "+bitexact",
            "x264-params": "keyint=24:threads=1:no-mbtree=1",
        }  # fmt: skip
        stream = box.add_stream("libx264", rate=Fraction(24), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        context = stream.codec_context
        context.thread_count = 1
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for index, picture in enumerate(pictures):
            coded = np.round(encode_srgb(picture) * 65535).astype(np.uint16)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(coded), format="rgb48le").reformat(
                format=pixels, dst_colorspace=Colorspace.ITU709, src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG, interpolation=ACCURATE,
            )  # fmt: skip
            frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
            frame.pts, frame.time_base = index, Fraction(1, 24)
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))


def pixel_format(scene: Scene) -> str:
    """The film's, as FFmpeg names it."""
    return ("yuv444p" if scene.whole_chroma else "yuv420p") + ("10le" if scene.bits == 10 else "")


def quantised(alpha: Plane) -> NDArray[np.uint16]:
    return np.round(np.clip(alpha, 0, 1) * 65535).astype(np.uint16)
