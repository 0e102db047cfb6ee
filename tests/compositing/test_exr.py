"""EXR in and out: what is written here, FFmpeg reads; what FFmpeg writes is read here."""

from fractions import Fraction

import av
import numpy as np
import pytest

from compositing.errors import MediaError
from compositing.io.exr import exr_bytes, read_exr, read_header


def picture_of(height=37, width=50, channels=4, seed=1):
    rng = np.random.default_rng(seed)
    picture = rng.random((height, width, channels)).astype(np.float32) * 3 - 0.25
    picture[5:20] = 0.125  # rows that compress, beside rows that do not
    return picture


@pytest.mark.parametrize("channels", [3, 4])
def test_what_is_written_is_read_back_to_the_half(channels):
    picture = picture_of(channels=channels)
    data = exr_bytes(picture, Fraction(24000, 1001))
    assert data == exr_bytes(picture, Fraction(24000, 1001))
    back = read_exr(data, "a.exr", 10**6)
    assert np.array_equal(back, picture.astype(np.float16).astype(np.float32))
    head = read_header(data, "a.exr")
    assert (head.width, head.height, head.half, head.fps) == (50, 37, True, Fraction(24000, 1001))
    assert head.channels == tuple("ABGR"[4 - channels :])
    assert head.chromaticities == pytest.approx((0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329))


def test_another_writers_file_is_read(tmp_path):
    # FFmpeg's encoder stands for another program: float32, one row a block.
    picture = np.maximum(picture_of(64, 48), 0)
    context = av.CodecContext.create("exr", "w")
    context.width, context.height, context.pix_fmt, context.time_base = 48, 64, "gbrapf32le", Fraction(1, 24)
    context.options = {"compression": "zip1", "format": "float"}
    frame = av.VideoFrame(48, 64, "gbrapf32le")
    for plane, channel in zip(frame.planes, (1, 2, 0, 3), strict=True):
        rows = np.zeros((64, plane.line_size // 4), np.float32)
        rows[:, :48] = picture[..., channel]
        plane.update(rows.tobytes())
    frame.pts = 0
    data = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    assert np.array_equal(read_exr(data, "b.exr", 10**6), picture)
    head = read_header(data, "b.exr")
    assert (head.width, head.height, head.half) == (48, 64, False)


def test_a_broken_or_oversized_file_is_refused():
    data = exr_bytes(picture_of())
    for broken in (data[:60], b"no exr at all", data[:200]):
        with pytest.raises(MediaError):
            read_header(broken, "c.exr")
    with pytest.raises(MediaError):
        read_exr(data, "c.exr", 100)
    with pytest.raises(MediaError):
        read_exr(data[: len(data) // 3], "c.exr", 10**6)
