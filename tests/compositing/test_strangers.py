"""What strangers upload: each refusal has its own sentence, and no file reads its neighbour."""

import shutil
from fractions import Fraction

import av
import numpy as np
import pytest

from compositing import sandbox
from compositing.errors import MediaError, Refused
from compositing.io.pictures import read_picture, write_jpg, write_png8, write_png16
from compositing.io.probe import probe
from tests.compositing.media import MEDIA

REFUSED = {
    "empty.mp4": "empty_file",
    "drawing.svg": "svg",
    "playlist.m3u8": "playlist",
    "concat.mp4": "playlist",
    "disguised.mp4": "not_media",
    "not_a_video.mp4": "not_media",
    "sound_only.m4a": "no_video",
    "zero_frames.mp4": "no_frames",
    "bomb.mp4": "too_many_pixels",
}


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_each_kind_of_wrong_file_is_refused_for_its_own_reason(name, code):
    with pytest.raises(Refused) as refused:
        probe(MEDIA / name)
    assert refused.value.code == code
    assert name in str(refused.value) and str(refused.value).endswith(".")


def test_the_sentences_differ():
    said = set()
    for name in REFUSED:
        with pytest.raises(Refused) as refused:
            probe(MEDIA / name)
        said.add(str(refused.value).replace(name, ""))
    assert len(said) == len(set(REFUSED.values()))


def test_a_playlist_under_a_false_name_reads_no_neighbour(tmp_path):
    shutil.copy(MEDIA / "plain.mp4", tmp_path / "plain.mp4")
    for name in ("playlist.m3u8", "disguised.mp4", "concat.mp4"):
        hidden = tmp_path / "innocent.mov"
        # Space enough before the mark that no look at the first bytes finds it.
        hidden.write_bytes(b"\n" * 5000 + (MEDIA / name).read_bytes())
        with pytest.raises(Refused):
            probe(hidden)
        hidden.write_bytes((MEDIA / name).read_bytes())
        with pytest.raises(Refused):
            probe(hidden)


def test_a_bomb_costs_a_small_child_nothing():
    small = sandbox.Limits(memory_mb=700, cpu_s=20, wall_s=60)
    with pytest.raises(Refused) as refused:
        sandbox.run("probe", {"path": str(MEDIA / "bomb.mp4")}, limits=small)
    assert refused.value.code == "too_many_pixels"
    assert refused.value.params["width"] == 16384


def test_a_film_that_is_too_long_is_refused_before_it_is_decoded():
    with pytest.raises(Refused) as refused:
        probe(MEDIA / "plain.mp4", max_frames=35)
    assert refused.value.code == "too_many_frames"


def test_a_film_cut_off_in_the_middle_keeps_what_it_has(tmp_path):
    with av.open(str(MEDIA / "plain.mp4")) as box:
        cut = [packet.pos for packet in box.demux(video=0) if packet.size][20]
    (tmp_path / "cut.mp4").write_bytes((MEDIA / "plain.mp4").read_bytes()[:cut])
    facts = probe(tmp_path / "cut.mp4")
    assert 18 <= facts.frame_count <= 36
    assert facts.corrupt_count >= facts.frame_count - 21


def test_a_film_without_its_index_is_to_be_copied_again(tmp_path):
    cut = tmp_path / "cut.mp4"
    head = (MEDIA / "plain.mp4").read_bytes()
    head = head[: int.from_bytes(head[:4], "big")]  # its ftyp box; a camera writes the pictures next, the index last
    cut.write_bytes(head + (90_000).to_bytes(4, "big") + b"mdat" + bytes(range(256)) * 20)
    with pytest.raises(Refused, match="Copy it again") as refused:
        probe(cut)
    assert refused.value.code == "broken_off"


@pytest.mark.parametrize("box", ["mkv", "avi"])
def test_a_matroska_or_avi_that_was_not_copied_to_its_end_says_what_it_promised(tmp_path, box):
    path = tmp_path / f"whole.{box}"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for n in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * n, np.uint8), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    assert probe(path).promised == 0
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    facts = probe(path)
    assert facts.promised == 30 and 5 < facts.frame_count < 25


def test_a_picture_bomb_is_refused_by_its_header():
    with pytest.raises(Refused) as refused:
        read_picture(MEDIA / "bomb.png")
    assert refused.value.code == "too_many_pixels"


@pytest.mark.parametrize("name", ["drawing.svg", "plain.mp4"])
def test_what_is_no_picture_is_refused(name):
    with pytest.raises(Refused) as refused:
        read_picture(MEDIA / name)
    assert refused.value.code == ("svg" if name.endswith("svg") else "not_a_picture")


def test_a_broken_picture_is_refused(tmp_path):
    write_png8(tmp_path / "a.png", np.full((40, 30, 3), 90, np.uint8))
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[:40])
    with pytest.raises(MediaError):
        read_picture(tmp_path / "a.png")


def test_pictures_keep_their_depth_their_order_and_their_alpha(tmp_path):
    deep = np.arange(40 * 30 * 4, dtype=np.uint16).reshape(40, 30, 4) * 13
    write_png16(tmp_path / "deep.png", deep)
    assert np.array_equal(read_picture(tmp_path / "deep.png"), deep)
    red = np.zeros((40, 30, 3), np.uint8)
    red[..., 0] = 200
    write_jpg(tmp_path / "红.jpg", red, 95)
    assert np.abs(read_picture(tmp_path / "红.jpg").astype(int) - red).max() <= 3


def test_picture_info_says_what_is_really_transparent(tmp_path):
    opaque = np.full((60, 30, 4), 255, np.uint8)
    write_png8(tmp_path / "a.png", opaque)
    clear = opaque.copy()
    clear[:30, :, 3] = 0
    write_png8(tmp_path / "b.png", clear)
    said = [
        sandbox.run("picture_info", {"path": str(tmp_path / name), "out_dir": str(tmp_path / "out")})
        for name in ("a.png", "b.png")
    ]
    assert [answer["has_alpha"] for answer in said] == [False, True]
    assert (said[1]["width"], said[1]["height"], said[1]["bits"], said[1]["kind"]) == (30, 60, 8, "png")
    preview = read_picture(said[1]["preview"])
    assert preview.shape == (60, 30, 3) and 100 < preview[5, 5].mean() < 135 and preview[55, 5].mean() > 245
