"""Reading films: every number once, in the right colours, the right way up."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from compositing.errors import MediaError
from compositing.io.colours import untagged_matrix
from compositing.io.geometry import crop_for
from compositing.io.timeline import Timeline
from compositing.io.video import VideoWriter, frame_total, open_frames, picked_planes, read_frame, video_info
from compositing.recipe import LayerRecipe
from compositing.sources import Readings, Source
from tests.compositing.media import MEDIA, number_in

NTSC = Fraction(30000, 1001)


def test_frames_come_in_order_and_complete():
    assert [number_in(p) for p in open_frames(MEDIA / "plain.mp4")] == list(range(36))


def test_each_frame_alone_equals_the_same_frame_in_the_stream():
    stream = list(open_frames(MEDIA / "plain.mp4"))
    for n in (0, 1, 11, 12, 23, 24, 29, 35):
        assert np.array_equal(read_frame(MEDIA / "plain.mp4", n), stream[n]), n


@pytest.mark.parametrize("name", ["plain.mp4", "landscape_5994.mp4", "vfr.mp4", "film_23976.mp4"])
def test_frames_picked_out_are_those_of_the_stream(name):
    stream = list(open_frames(MEDIA / name, fps=24, planes=True))
    for places in ([0, 7, 8, len(stream) - 1], [len(stream) - 2], [3]):
        for place, picked in zip(places, picked_planes(MEDIA / name, places, fps=24), strict=True):
            assert all(np.array_equal(*pair) for pair in zip(picked, stream[place], strict=True)), (name, place)


def test_what_is_sampled_moves_nearer_to_the_key_frame_before_it_and_stays_apart():
    every = tuple(range(72))
    timeline = Timeline(every, 72, Fraction(1, 24), Fraction(24), False, every, frozenset({0, 24, 48}))
    assert timeline.nearer([0, 10, 20, 30, 41, 51, 61, 71], None) == [0, 5, 10, 27, 33, 50, 55, 60]
    assert timeline.nearer([0, 35, 71], None) == [0, 24, 48] and timeline.nearer([7, 35], None) == [7, 24]
    assert timeline.nearer([0, 1, 2, 3], None) == [0, 1, 2, 3]  # so few frames cost little
    assert timeline.nearer([0, 35], Fraction(12)) == [0, 24]  # its numbers are those at the rate asked for


def test_a_frame_outside_the_film_is_named():
    for n in (36, -1):
        with pytest.raises(MediaError) as error:
            read_frame(MEDIA / "plain.mp4", n)
        assert error.value.code == "no_such_frame"


def test_5994_conforms_to_2997_by_every_second_frame():
    assert [number_in(p) for p in open_frames(MEDIA / "landscape_5994.mp4", fps=NTSC)] == list(range(0, 48, 2))
    assert frame_total(MEDIA / "landscape_5994.mp4", NTSC) == 24


def test_a_part_of_a_conformed_film_is_the_same_part():
    assert [number_in(p) for p in open_frames(MEDIA / "landscape_5994.mp4", fps=NTSC, start=5, stop=9)] == [
        10,
        12,
        14,
        16,
    ]


def test_23976_shown_at_24_is_frame_for_frame():
    assert [number_in(p) for p in open_frames(MEDIA / "film_23976.mp4", fps=24)] == list(range(24))


def test_24_shown_at_25_repeats_and_loses_nothing():
    shown = [number_in(p) for p in open_frames(MEDIA / "plain.mp4", fps=25)]
    assert len(shown) == 38 and set(shown) == set(range(36)) and shown == sorted(shown)


def test_a_variable_rate_follows_its_time_stamps():
    shown = [number_in(p) for p in open_frames(MEDIA / "vfr.mp4", fps=30)]
    stamps = np.cumsum([0] + [33] * 10 + [50] * 10 + [500] + [25] * 9) / 1000
    for n, source in enumerate(shown):
        moment = n / 30
        assert stamps[source] <= moment + 1 / 60, (n, source)  # never from the future
        assert source == 30 or stamps[source + 1] > moment - 1e-9, (n, source)  # and never stale
    assert shown == sorted(shown)
    assert shown.count(20) >= 14  # the hole of half a second is held


def test_a_damaged_frame_does_not_move_the_frames_after_it():
    shown = [number_in(p) for p in open_frames(MEDIA / "corrupt.mp4")]
    assert len(shown) == 36
    assert shown[24:] == list(range(24, 36)) and shown[:13] == list(range(13))


def _tkhd_matrix(data: bytes) -> tuple[int, int, int, int]:
    at = data.index(b"tkhd") + 4
    at += 4 + (32 if data[at] else 20) + 16  # version and flags, times and id, reserved to volume
    a, b, _, c, d = (int.from_bytes(data[at + 4 * n : at + 4 * n + 4], "big", signed=True) >> 16 for n in range(5))
    return a, b, c, d


def test_a_turned_film_stands_upright():
    # QuickTime: x' = a x + c y, y' = b x + d y with y downward. Follow the stored top left corner through it.
    a, b, c, d = _tkhd_matrix((MEDIA / "rotated.mp4").read_bytes())
    assert (a, d) == (0, 0) and b * c == -1
    info = video_info(MEDIA / "rotated.mp4")
    assert (info.display_width, info.display_height) == (72, 128)
    assert info.rotation == (90 if b == 1 else 270)
    upright = read_frame(MEDIA / "rotated.mp4", 5)
    stored = np.rot90(upright, 1 if b == 1 else -1)
    assert number_in(np.ascontiguousarray(stored)) == 5


def test_a_landscape_film_is_cropped_about_the_chosen_centre():
    left = read_frame(MEDIA / "landscape_5994.mp4", 0, width=40, height=72, centre_milli=0)
    whole = read_frame(MEDIA / "landscape_5994.mp4", 0)
    assert left.shape == (72, 40, 3)
    assert np.abs(left.astype(int) - whole[:, :40]).max() <= 1
    right = read_frame(MEDIA / "landscape_5994.mp4", 0, width=40, height=72, centre_milli=1000)
    assert np.abs(right.astype(int) - whole[:, -40:]).max() <= 1


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (321, 191), (16, 4000)])
@pytest.mark.parametrize("centre", [None, 0, 333, 1000])
def test_a_crop_stays_inside_and_keeps_the_shape(size, centre):
    part = crop_for(*size, 1080, 1920, centre)
    assert part.left >= 0 and part.top >= 0
    assert part.left + part.width <= size[0] and part.top + part.height <= size[1]
    assert abs(part.width * 1920 - part.height * 1080) <= 2 * 1920


def _coded(path, y, u, v, *, matrix, full):
    """A lossless film of one flat colour with these exact code values and tags."""
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=24, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv444p"
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, 2 if full else 1
        frame = av.VideoFrame.from_ndarray(
            np.stack([np.full((64, 64), code, np.uint8) for code in (y, u, v)]), format="yuv444p"
        )
        frame.pts, frame.colorspace, frame.color_range = 0, matrix, 2 if full else 1
        box.mux(stream.encode(frame))
        box.mux(stream.encode(None))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("tag", "kr", "kb"), [(1, 0.2126, 0.0722), (5, 0.299, 0.114), (6, 0.299, 0.114), (2, 0.299, 0.114)]
)
def test_colours_follow_the_tags(tmp_path, tag, kr, kb, full):
    y, u, v = 120, 90, 110
    _coded(tmp_path / "flat.mp4", y, u, v, matrix=tag, full=full)
    luma, cb, cr = (
        (y / 255, (u - 128) / 255, (v - 128) / 255) if full else ((y - 16) / 219, (u - 128) / 224, (v - 128) / 224)
    )
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    expected = np.clip(np.array([red, green, blue]) * 255, 0, 255)
    assert np.abs(read_frame(tmp_path / "flat.mp4", 0)[32, 32] - expected).max() <= 1.0
    planes = next(open_frames(tmp_path / "flat.mp4", planes=True))
    assert [int(plane[5, 5]) for plane in planes] == [y, u, v]
    assert planes.full_range is full and planes.matrix == ("bt709" if tag == 1 else "bt601")


def test_untagged_films_are_709_from_hd_halves_up_and_601_below():
    assert untagged_matrix(540, 960) == untagged_matrix(1280, 720) == untagged_matrix(720, 1280) == "bt709"
    assert untagged_matrix(720, 576) == untagged_matrix(320, 192) == untagged_matrix(360, 640) == "bt601"


def test_what_is_written_is_read_back(tmp_path):
    ramp = np.linspace(20, 235, 72 * 128 * 3).reshape(128, 72, 3).astype(np.uint8)
    frames = [np.roll(ramp, 3 * n, axis=0) for n in range(5)]
    for name in ("a.mp4", "b.mp4"):
        with VideoWriter(tmp_path / name, 72, 128, 24000, 1001, crf=6) as film:
            for picture in frames:
                film.write(picture)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    info = video_info(tmp_path / "a.mp4")
    assert (info.fps, info.vfr, info.frame_count, info.matrix, info.tagged) == (
        Fraction(24000, 1001),
        False,
        5,
        "bt709",
        True,
    )
    for made, seen in zip(frames, open_frames(tmp_path / "a.mp4"), strict=True):
        assert np.abs(made.astype(int) - seen).mean() < 3
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_film_that_fails_half_way_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), VideoWriter(tmp_path / "a.mp4", 72, 128, 24) as film:
        film.write(np.zeros((128, 72, 3), np.uint8))
        raise RuntimeError("the render broke")
    assert list(tmp_path.iterdir()) == []


def test_alpha_survives_prores_4444(tmp_path):
    picture = np.zeros((64, 48, 4), np.uint16)
    picture[..., 3] = np.linspace(0, 65535, 48)
    picture[..., 0] = 40_000
    with VideoWriter(tmp_path / "fx.mov", 48, 64, 24, alpha=True) as film:
        for _ in range(3):
            film.write(picture)
    back = list(open_frames(tmp_path / "fx.mov", bits=16, alpha=True))
    assert len(back) == 3
    assert np.abs(back[1].astype(int) - picture).max() < 65535 / 255
    assert all(np.array_equal(a, b) for a, b in pairwise(back))


def test_a_film_kept_open_shows_each_frame_as_it_is_in_any_order():
    source = Source(LayerRecipe("a", "actor", "0" * 64, frame_offset=2), MEDIA / "plain.mp4", 64, 112, Fraction(24))
    stream, readings = list(source.raw(0, 34)), Readings()
    for frame in (5, 6, 7, 20, 19, 18, 6, 33, 12, 12, 0, 1):
        shown = readings.raw(source, frame)
        assert all(np.array_equal(*pair) for pair in zip(shown, stream[frame], strict=True)), frame
