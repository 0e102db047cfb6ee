"""Write H.264 masters and proxies, and ProRes 4444 with alpha: the same frames always give the same bytes."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from numpy.typing import NDArray

from compositing.errors import EngineError, ShapeError

ACCURATE = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
# x264 writes its thread count into the stream and decides by it: one number keeps the bytes equal on every machine.
AUDIO_RATE = 48_000


class VideoWriter:
    """An MP4 (or MOV) that grows by `write` and appears at `path` only when closed without an error.

    Pictures: (height, width, 3) uint8 sRGB-coded, written as 4:2:0 limited BT.709, tagged so. crf: 0..51, x264's
    quality; keyint: most frames between key frames; audio: channels of AAC sound at 48 kHz that `write_audio` will
    bring, or 0. qscale: for an alpha film, one fixed ProRes quantiser (2 is fine, 8 coarse) in place of the encoder's
    search, at a sixth of the time. metadata: container keys (written by name where MP4 does not know them). Raises
    ShapeError for another size or type and EngineError where the file cannot be written.
    """

    def __init__(
        self,
        path: str | Path,
        width: int,
        height: int,
        fps_num: int,
        fps_den: int = 1,
        *,
        crf: int = 16,
        preset: str = "medium",
        keyint: int = 48,
        audio: int = 0,
        metadata: dict[str, str] | None = None,
        alpha: bool = False,
        qscale: int | None = None,
    ) -> None:
        if width % 2 or height % 2:
            raise ShapeError(f"expected an even size for 4:2:0 video, got {width} x {height}")
        self.path = Path(path)
        self.part = self.path.with_name(f".{self.path.name}.part")
        self.width, self.height, self.rate, self.alpha = width, height, Fraction(fps_num, fps_den), alpha
        self.frame_count = self._samples = 0
        self._crf, self._preset, self._keyint = crf, preset, keyint
        self._metadata, self._channels, self._qscale = dict(metadata or {}), audio, qscale

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._video: Any = None
        self._sound: Any = None
        movflags = "+faststart" + ("+use_metadata_tags" if self._metadata else "")
        self._box: Any = av.open(
            str(self.part),
            "w",
            format="mov" if self.path.suffix == ".mov" else "mp4",
            container_options={"movflags": movflags, "fflags": "+bitexact"},
        )
        try:
            self._box.metadata.update(self._metadata)
            self._video = self._prores() if self.alpha else self._h264()
            if self._channels:
                layout = "mono" if self._channels == 1 else "stereo"
                self._sound = self._box.add_stream("aac", rate=AUDIO_RATE, layout=layout)
                self._sound.bit_rate = 96_000 * self._channels
                self._sound.codec_context.options = {"flags": "+bitexact"}
        except BaseException:
            self.__exit__(EngineError, None, None)
            raise
        return self

    def _h264(self) -> Any:
        keyint = self._keyint
        least = min(keyint, 12)
        options = {
            "crf": str(self._crf),
            "preset": self._preset,
            "flags": "+bitexact",
            # One thread, no macroblock tree: the same frames must give the same bytes. With four threads x264 gave
            # others in 8 of 40 runs at 72 x 128 and 1 of 40 at 270 x 480; with one, 60 of 60 are equal.
            "x264-params": f"keyint={keyint}:min-keyint={least}:threads=1:no-mbtree=1",
        }
        stream = self._box.add_stream("libx264", rate=self.rate, options=options)
        self._tag(stream, "yuv420p")
        stream.codec_context.profile = "High"
        stream.codec_context.thread_count = 1
        return stream

    def _prores(self) -> Any:
        options = {"profile": "4444", "vendor": "apl0", "alpha_bits": "16", "flags": "+bitexact"}
        if self._qscale is not None:
            # FF_QP2LAMBDA, 118, turns a quantiser into libavcodec's global_quality
            options |= {"flags": "+bitexact+qscale", "global_quality": str(118 * self._qscale)}
        stream = self._box.add_stream("prores_ks", rate=self.rate, options=options)
        self._tag(stream, "yuva444p10le")
        return stream

    def _tag(self, stream: Any, pix_fmt: str) -> None:
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, pix_fmt
        stream.time_base = stream.codec_context.time_base = 1 / self.rate
        context = stream.codec_context
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

    def write(self, picture: NDArray) -> None:
        """Add one frame: uint8 (H, W, 3) sRGB-coded, or uint16 (H, W, 4) straight alpha for an alpha film.

        Or, ready to be encoded, uint8 (H * 3 / 2, W): Y, then U and V at half size, 4:2:0 limited BT.709.
        """
        if picture.ndim == 2 and not self.alpha:
            self._write_planar(picture)
            return
        kind, channels, name = (np.uint16, 4, "rgba64le") if self.alpha else (np.uint8, 3, "rgb24")
        if picture.shape != (self.height, self.width, channels) or picture.dtype != kind:
            raise ShapeError(
                f"expected ({self.height}, {self.width}, {channels}) {np.dtype(kind)}, "
                f"got {picture.shape} {picture.dtype}"
            )
        source = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=name)
        frame = source.reformat(
            format=self._video.pix_fmt,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=ACCURATE,
        )
        self._encode(frame)

    def _write_planar(self, picture: NDArray) -> None:
        if picture.shape != (self.height * 3 // 2, self.width) or picture.dtype != np.uint8:
            raise ShapeError(
                f"expected ({self.height * 3 // 2}, {self.width}) uint8, got {picture.shape} {picture.dtype}"
            )
        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        flat, at = np.ascontiguousarray(picture).reshape(-1), 0
        for plane in frame.planes:
            size = plane.width * plane.height
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            rows[:, : plane.width] = flat[at : at + size].reshape(plane.height, plane.width)
            at += size
        frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        self._encode(frame)

    def _encode(self, frame: av.VideoFrame) -> None:
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        frame.pts, frame.time_base = self.frame_count, 1 / self.rate
        self.frame_count += 1
        self._box.mux(self._video.encode(frame))

    def write_audio(self, samples: NDArray) -> None:
        """Add sound: (channels, n) float32 in -1..1 at 48 kHz. Interleave with `write`, about as much as the
        picture.
        """
        if self._sound is None or samples.ndim != 2 or samples.shape[0] != self._channels:
            raise ShapeError(f"expected ({self._channels}, n) samples, got {samples.shape}")
        if samples.shape[1] == 0:
            return
        layout = "mono" if self._channels == 1 else "stereo"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self._samples, Fraction(1, AUDIO_RATE)
        self._samples += samples.shape[1]
        self._box.mux(self._sound.encode(frame))

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        # Whoever keeps this writer must not keep the encoders too: they hold a hundred megabytes until nobody does.
        box, streams = self._box, [stream for stream in (self._video, self._sound) if stream is not None]
        self._box = self._video = self._sound = None
        if kind is not None:
            box.close()
            self.part.unlink(missing_ok=True)
            return
        try:
            for stream in streams:
                box.mux(stream.encode(None))
            box.close()
            del stream, streams, box
            with self.part.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(self.part, self.path)
        finally:
            self.part.unlink(missing_ok=True)
