"""Damaged frames are held and named, interlaced ones woven whole, wherever reading begins."""

from fractions import Fraction

import av
import numpy as np
import pytest

from compositing.io.probe import probe
from compositing.io.video import open_frames, read_frame
from tests.compositing.media import MEDIA, number_in

WIDTH, HEIGHT, COUNT = 128, 96, 8


def test_a_damaged_frame_shows_the_whole_one_before_it_however_it_is_reached():
    damaged = probe(MEDIA / "corrupt.mp4").corrupt_frames[0]
    stream = list(open_frames(MEDIA / "corrupt.mp4"))
    assert number_in(stream[damaged]) == damaged - 1
    assert np.array_equal(stream[damaged], stream[damaged - 1])
    for number in (damaged - 1, damaged, damaged + 1):
        assert np.array_equal(read_frame(MEDIA / "corrupt.mp4", number), stream[number])


def test_a_damaged_key_frame_holds_the_end_of_the_group_before(tmp_path):
    path = tmp_path / "key.mov"
    with av.open(str(path), "w") as box:  # every frame a key frame: a seek lands on the damaged one itself
        stream = box.add_stream("mjpeg", rate=24, options={"qmin": "2", "qmax": "3"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuvj420p"
        for n in range(40):
            picture = np.full((72, 128, 3), 40 + 4 * n, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    with av.open(str(path)) as box:
        packets = [(packet.pos, packet.size) for packet in box.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for number in (30, 31):
        at, size = packets[number]
        data[at : at + size] = bytes(size)
    path.write_bytes(data)
    assert probe(path).corrupt_frames == [30, 31]
    shown = list(open_frames(path))
    assert len(shown) == 40 and abs(int(shown[32][5, 5, 0]) - 168) < 4
    for number in (30, 31):
        assert np.array_equal(shown[number], shown[29])
        assert np.array_equal(read_frame(path, number), shown[29])


def test_garbage_in_the_middle_of_a_picture_is_named(tmp_path):
    path = tmp_path / "hurt.mp4"
    rng = np.random.default_rng(2)
    texture = rng.integers(0, 256, (240, 320, 3), dtype=np.uint8)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=24, options={"crf": "20", "g": "6", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for n in range(18):
            frame = av.VideoFrame.from_ndarray(np.roll(texture, 3 * n, axis=1), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    with av.open(str(path)) as film:
        packets = [(packet.pos, packet.size) for packet in film.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    at, size = packets[8]
    data[at + 40 : at + size // 2] = bytes(rng.integers(0, 256, size // 2 - 40, dtype=np.uint8))
    path.write_bytes(data)
    assert 8 in probe(path).corrupt_frames


def test_bytes_lost_within_an_hevc_picture_are_named(tmp_path):
    """Its decoder shows what is left without a word."""
    path, rng = tmp_path / "hurt.mov", np.random.default_rng(3)
    texture = rng.integers(0, 256, (96, 128, 3), dtype=np.uint8)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx265", rate=24, options={"x265-params": "log-level=none:keyint=6:bframes=2"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for n in range(14):
            frame = av.VideoFrame.from_ndarray(np.roll(texture, 3 * n, axis=1), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    with av.open(str(path)) as film:
        packets = sorted((packet.pts, packet.pos, packet.size) for packet in film.demux(video=0) if packet.size)
    whole = probe(path)
    assert whole.corrupt_frames == [] and whole.frame_count == 14
    data = bytearray(path.read_bytes())
    _stamp, at, size = packets[7]
    data[at + size // 3 : at + size // 2] = bytes(size // 2 - size // 3)  # as a sector that could not be read
    path.write_bytes(data)
    assert probe(path).corrupt_frames == [7]
    shown = list(open_frames(path))
    assert np.array_equal(shown[7], shown[6]) and np.array_equal(read_frame(path, 7), shown[6])


def _interlaced(path, codec, pix_fmt, options, count=COUNT):
    """A white bar that moves from field to field over green, upper field first."""
    with av.open(str(path), "w") as box:
        stream = box.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pix_fmt
        graph = None
        for n in range(count):
            picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            picture[:] = (40, 160, 60)
            for field in (0, 1):
                left = 8 + (2 * n + field) * 4
                picture[field::2, left : left + 16] = 235
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt, dst_colorspace=1)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            if graph is None:
                graph = av.filter.Graph()
                ends = (
                    graph.add_buffer(width=WIDTH, height=HEIGHT, format=pix_fmt, time_base=Fraction(1, 25)),
                    graph.add("setfield", "mode=tff"), graph.add("buffersink"),
                )  # fmt: skip
                ends[0].link_to(ends[1])
                ends[1].link_to(ends[2])
                graph.configure()
            graph.push(frame)
            box.mux(stream.encode(graph.pull()))
        box.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "options"),
    [
        ("a.mov", "prores_ks", "yuv422p10le", {"flags": "+ildct"}),
        ("a.mp4", "libx264", "yuv420p", {"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "8"}),
        ("a.mxf", "mpeg2video", "yuv420p", {"flags": "+ildct+ilme", "qmin": "1", "qmax": "2"}),
    ],
)
def test_interlaced_footage_is_woven_and_said(tmp_path, name, codec, pix_fmt, options):
    path = tmp_path / name
    _interlaced(path, codec, pix_fmt, options)
    assert probe(path).interlaced
    stream = list(open_frames(path))
    assert len(stream) == COUNT
    for number in range(1, COUNT - 1):
        rows = stream[number][..., 0].astype(int)
        combed = np.abs(rows[0:-2:2] - rows[1:-1:2]).mean()
        assert combed < 4, number  # as coded it is 16: two fields four pixels apart
        columns = rows[HEIGHT // 2] > 140
        assert abs(np.flatnonzero(columns).mean() - (8 + 8 * number + 7.5)) < 2.5, number  # the first field's moment
    for number in (0, 3, COUNT - 1):
        assert np.array_equal(read_frame(path, number), stream[number]), number


def test_progressive_footage_is_left_alone():
    assert not probe(MEDIA / "plain.mp4").interlaced


def test_a_film_that_was_not_copied_to_its_end_says_how_many_frames_it_promised(tmp_path):
    whole, short = tmp_path / "whole.mp4", tmp_path / "short.mp4"
    with av.open(str(whole), "w", options={"movflags": "faststart"}) as out, av.open(str(MEDIA / "plain.mp4")) as film:
        stream = out.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(film.streams.video[0]):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    data = whole.read_bytes()
    short.write_bytes(data[: len(data) * 6 // 10])
    assert probe(whole).promised == 0 and probe(whole).frame_count == 36
    found = probe(short)
    assert found.frame_count < 34 and found.promised == 36
