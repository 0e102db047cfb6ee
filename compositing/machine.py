"""What this machine's picture engine can do: the codecs in its FFmpeg, the font for labels."""

from collections.abc import Callable
from typing import Any, Literal

import av
import av.codec

from compositing.errors import EngineError
from compositing.io import lettering

# What footage comes in, and what the studio makes: proxies and masters, layers with alpha, stills, sound.
DECODERS = ("h264", "hevc", "prores", "dnxhd", "vp9", "av1", "mjpeg", "png", "exr", "aac", "pcm_s16le")
ENCODERS = ("libx264", "aac", "prores_ks", "png", "mjpeg")


def machine_op(_args: dict[str, Any], _report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """{"ffmpeg": version of libavcodec, "missing_decoders": [...], "missing_encoders": [...], "font": bool}."""
    try:
        font = lettering.letter("火", 40).coverage.size > 0
    except EngineError:  # the font's package is not installed
        font = False
    return {
        "ffmpeg": ".".join(str(number) for number in av.library_versions["libavcodec"]),
        "missing_decoders": [name for name in DECODERS if not _has(name, "r")],
        "missing_encoders": [name for name in ENCODERS if not _has(name, "w")],
        "font": font,
    }


def _has(name: str, mode: Literal["r", "w"]) -> bool:
    try:
        av.codec.Codec(name, mode)
    except (ValueError, av.codec.codec.UnknownCodecError):
        return False
    return True
