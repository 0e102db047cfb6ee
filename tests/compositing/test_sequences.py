"""Zips of pictures: read as films, and every trick a stranger may play with one refused for its own reason."""

import io
import stat
import zipfile
from fractions import Fraction

import cv2
import numpy as np
import pytest

from compositing import sandbox
from compositing.colour import decode_srgb, encode_srgb
from compositing.errors import Refused
from compositing.io.exr import exr_bytes
from compositing.io.pictures import read_picture
from compositing.io.probe import probe
from compositing.io.video import frame_total, open_frames, read_frame, video_info
from compositing.io.zipped import listing
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256, still
from compositing.sources import Source

WIDTH, HEIGHT = 48, 64


def coded(n, channels=3, deep=True):
    """(H, W, C) uint16 sRGB-coded: a ramp with values that 8 bits do not have, and n in the first pixel."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.stack([(y * WIDTH + x) * 21 % 65536, x * 1301, y * 997, y * 1040], -1).astype(np.uint16)[
        ..., :channels
    ]
    picture[0, 0] = 1000 * (n + 1)
    return picture if deep else (picture >> 8).astype(np.uint8)


def encoded(picture, suffix):
    order = [2, 1, 0, 3][: picture.shape[2]]
    ok, data = cv2.imencode(suffix, np.ascontiguousarray(picture[..., order]))
    assert ok
    return data.tobytes()


def zipped(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as box:
        for name, data in entries:
            box.writestr(name, data)
    return path


def png_zip(path, numbers, **more):
    return zipped(path, [(f"sh/plate.{n}.png", encoded(coded(n - 1001), ".png")) for n in numbers], **more)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_are_read_as_sixteen(tmp_path, suffix):
    path = zipped(tmp_path / "a.zip", [(f"p.{n:04d}{suffix}", encoded(coded(n), suffix)) for n in range(5)])
    facts = probe(path, rate=Fraction(25))
    assert (facts.frame_count, facts.depth, facts.has_alpha, facts.container) == (5, 16, False, "zip")
    assert (facts.fps_num, facts.fps_den, facts.display_width, facts.display_height) == (25, 1, WIDTH, HEIGHT)
    assert frame_total(path, 25) == frame_total(path, Fraction(24000, 1001)) == 5
    for n, picture in enumerate(open_frames(path, fps=25, bits=16)):
        assert np.array_equal(picture, coded(n))
    assert np.array_equal(read_frame(path, 3, bits=16), coded(3))
    eight = read_frame(path, 2)
    assert eight.dtype == np.uint8 and np.abs(eight.astype(int) * 257 - coded(2)).max() <= 129


def test_exr_is_read_as_light(tmp_path):
    light = decode_srgb(coded(0) / 65535.0) * 2  # above white too
    path = zipped(tmp_path / "a.zip", [(f"p.{n}.exr", exr_bytes(light, Fraction(25))) for n in (1001, 1002)])
    assert probe(path).sequence == {
        "first": 1001, "last": 1002, "missing": [], "linear": True, "own_rate": [25, 1]
    }  # fmt: skip
    assert video_info(path).fps == 25
    source = Source(LayerRecipe("b", "background", "0" * 64), path, WIDTH, HEIGHT, Fraction(24))
    got = source.linear(next(iter(source.raw(0, 1))))
    assert np.abs(got - light.astype(np.float16)).max() < 1e-6
    shown = read_frame(path, 0, bits=16) / 65535
    assert np.abs(shown - encode_srgb(light)).max() < 2e-3


def test_alpha_is_straight_in_png_and_premultiplied_in_exr(tmp_path):
    alpha = np.linspace(0, 1, WIDTH)[None, :, None] * np.ones((HEIGHT, 1, 1))
    colour = np.broadcast_to(np.array([0.5, 0.25, 0.1]), (HEIGHT, WIDTH, 3))
    straight = np.dstack([encode_srgb(colour), alpha])
    four = np.dstack([colour * alpha, alpha]).astype(np.float32)
    as_png = zipped(tmp_path / "p.zip", [("p.1.png", encoded(np.round(straight * 65535).astype(np.uint16), ".png"))])
    as_exr = zipped(tmp_path / "e.zip", [("e.1.exr", exr_bytes(four))])
    for path in (as_png, as_exr):
        assert probe(path).has_alpha
        source = Source(LayerRecipe("e", "effect", "0" * 64), path, WIDTH, HEIGHT, Fraction(24))
        assert source.has_alpha and not source.keyed
        assert np.abs(source.linear(next(iter(source.raw(0, 1)))) - four).max() < 1e-3, path.name


def test_a_sequence_goes_through_probe_proxy_check_and_comp(tmp_path):
    rng = np.random.default_rng(0)
    entries = []
    for n in range(6):
        picture = np.empty((256, 144, 3), np.float64)
        picture[:] = (0.16, 0.62, 0.24)
        picture[90:, 40 + n : 100 + n] = (0.6, 0.3, 0.2)
        picture += rng.normal(0, 0.004, picture.shape)
        entries.append((f"take.{1001 + n}.png", encoded(np.round(picture * 65535).astype(np.uint16), ".png")))
    path = zipped(tmp_path / "take.zip", entries)
    out = tmp_path / "out"
    made = sandbox.run("proxy", {"path": str(path), "out_dir": str(out), "fps_num": 25, "fps_den": 1})
    assert (made["frame_count"], made["fps_num"], made["width"], made["waveform"]) == (6, 25, 144, None)
    assert [picture.shape for picture in open_frames(made["proxy"])] == [(256, 144, 3)] * 6
    checked = sandbox.run("screen_check", {"path": str(path), "centre_milli": 500})
    assert checked["found"] and checked["name"] == "green"
    sha = file_sha256(path)
    recipe = Recipe(144, 256, 25, 1, 6, (LayerRecipe("actor", "actor", sha),))
    comp, found = still(recipe, {sha: str(path)}, 3)
    assert found["screens"]["actor"]["name"] == "green"
    assert np.abs(comp[200, 70].astype(int) - [153, 76, 51]).max() < 12  # the actor
    assert np.abs(comp[20, 20].astype(int) - 118).max() < 6  # grey where the screen was


def test_a_hole_and_a_broken_picture_are_held_and_named(tmp_path):
    entries = [(f"p.{n}.png", encoded(coded(n - 1001), ".png")) for n in (1001, 1002, 1004, 1005, 1006)]
    entries[3] = (entries[3][0], entries[3][1][:80])
    path = zipped(tmp_path / "a.zip", entries)
    facts = probe(path)
    assert facts.frame_count == 6 and facts.corrupt_frames == [2, 4]
    assert facts.sequence["missing"] == [1003]
    shown = list(open_frames(path, bits=16))
    assert [int(picture[0, 0, 0]) for picture in shown] == [1000, 2000, 2000, 4000, 4000, 6000]
    assert np.array_equal(read_frame(path, 4, bits=16), shown[4])  # held the same when reading begins at it


def test_bytes_damaged_within_the_zip_are_found_by_their_checksum(tmp_path):
    path = png_zip(tmp_path / "a.zip", range(1001, 1005))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as box:
        entry = box.infolist()[2]
    data[entry.header_offset + 400 : entry.header_offset + 440] = bytes(40)
    path.write_bytes(data)
    assert probe(path).corrupt_frames == [2]


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def locked(path):
    png_zip(path, [1001])
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)


ONE = encoded(coded(0), ".png")
WRONG = {
    "zip_path": [("../plate.1001.png", ONE)],
    "zip_link": [(link("plate.1001.png"), b"/etc/passwd")],
    "zip_nested": [("plate.1001.png", ONE), ("more.zip", b"PK")],
    "zip_stranger": [("plate.1001.png", ONE), ("run.exe", b"MZ")],
    "zip_empty": [("readme.txt", b"nothing here")],
    "zip_mixed": [("a.1001.png", ONE), ("b.1001.png", ONE)],
    "zip_unnumbered": [("plate.png", ONE)],
    "zip_twice": [("p.1.png", ONE), ("p.001.png", ONE)],
    "zip_gaps": [("p.1.png", ONE), ("p.2.png", ONE), ("p.900.png", ONE)],
}


@pytest.mark.parametrize("code", WRONG)
def test_each_trick_is_refused_for_its_own_reason(tmp_path, code):
    path = zipped(tmp_path / "take.zip", WRONG[code])
    with pytest.raises(Refused) as refused:
        probe(path)
    assert refused.value.code == code
    assert "take.zip" in str(refused.value) and str(refused.value).endswith(".")


@pytest.mark.parametrize("name", ["/etc/p.1.png", "..\\p.1.png", "C:\\p.1.png"])
def test_no_path_leads_outside(tmp_path, name):
    path = zipped(tmp_path / "take.zip", [(name, ONE)])
    with pytest.raises(Refused, match="outside"):
        listing(path)


def test_what_systems_leave_behind_is_passed_over(tmp_path):
    path = zipped(
        tmp_path / "a.zip",
        [("sh/", b""), ("sh/p.1.png", ONE), ("__MACOSX/sh/._p.1.png", b"x"), ("sh/.DS_Store", b"x"), ("a.md5", b"x")],
    )
    assert listing(path).names == ("sh/p.1.png",)


def test_a_bomb_is_refused_before_a_byte_is_unpacked(tmp_path):
    flat = io.BytesIO(bytes(30_000_000))
    path = zipped(tmp_path / "a.zip", [("p.1.tif", flat.getvalue())], zipfile.ZIP_DEFLATED)
    small = sandbox.Limits(memory_mb=700, cpu_s=20, wall_s=60)
    with pytest.raises(Refused) as refused:
        sandbox.run("probe", {"path": str(path)}, limits=small)
    assert refused.value.code == "zip_bomb"


def test_entries_that_overlap_count_each_time(tmp_path):
    """The same bytes named a thousand times over in the directory: small on disk, vast when read."""
    noise = np.random.default_rng(0).integers(0, 256, 100_000, np.uint8).tobytes()
    path = zipped(tmp_path / "a.zip", [("p.000001.png", noise)])
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    record = data[at:end]
    records = b"".join(record.replace(b"p.000001.png", b"p.%06d.png" % n) for n in range(1, 1001))
    tail = bytearray(data[end:])
    tail[8:12] = (1000).to_bytes(2, "little") * 2
    tail[12:16] = len(records).to_bytes(4, "little")
    path.write_bytes(data[:at] + records + tail)
    with pytest.raises(Refused) as refused:
        listing(path)
    assert refused.value.code == "zip_bomb"


def test_a_picture_of_another_size_is_named(tmp_path):
    other = encoded(np.zeros((30, 20, 3), np.uint8), ".png")
    path = zipped(tmp_path / "a.zip", [("p.1.png", ONE), ("p.2.png", other)])
    with pytest.raises(Refused) as refused:
        probe(path)
    assert refused.value.code == "zip_sizes" and "p.2.png" in str(refused.value) and "20 × 30" in str(refused.value)


@pytest.mark.parametrize("kind", ["png", "tiff", "exr"])
def test_pictures_are_held_to_the_pixels_allowed(tmp_path, kind):
    data = exr_bytes(np.zeros((100, 100, 3), np.float32)) if kind == "exr" else encoded(
        np.zeros((100, 100, 3), np.uint8), f".{kind}"
    )  # fmt: skip
    path = zipped(tmp_path / "a.zip", [(f"p.1.{kind}", data)])
    with pytest.raises(Refused) as refused:
        probe(path, max_pixels=5000)
    assert refused.value.code == "too_many_pixels"


def test_a_locked_a_cut_and_a_too_long_zip_are_refused(tmp_path):
    locked(tmp_path / "locked.zip")
    png_zip(tmp_path / "cut.zip", range(1001, 1004))
    whole = (tmp_path / "cut.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) * 2 // 3])
    for name, code in (("locked.zip", "zip_locked"), ("cut.zip", "zip_broken")):
        with pytest.raises(Refused) as refused:
            probe(tmp_path / name)
        assert refused.value.code == code
    png_zip(tmp_path / "long.zip", range(1001, 1011))
    with pytest.raises(Refused) as refused:
        probe(tmp_path / "long.zip", max_frames=5)
    assert refused.value.code == "zip_too_many"


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".exr"])
def test_one_picture_sent_as_a_take_is_told_what_to_do(tmp_path, suffix):
    data = exr_bytes(np.zeros((8, 8, 3), np.float32)) if suffix == ".exr" else encoded(coded(0), suffix)
    (tmp_path / f"a{suffix}").write_bytes(data)
    with pytest.raises(Refused, match="into a zip") as refused:
        probe(tmp_path / f"a{suffix}")
    assert refused.value.code == "one_picture"


def test_pictures_read_alone_are_what_they_were(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(coded(3), ".png"))
    assert np.array_equal(read_picture(tmp_path / "a.png"), coded(3))


def test_a_tiff_plate_is_read_alone_too(tmp_path):
    four = np.dstack([coded(3), np.linspace(0, 65535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)])
    (tmp_path / "a.tif").write_bytes(encoded(coded(3), ".tiff"))
    (tmp_path / "b.tif").write_bytes(encoded(four, ".tiff"))
    assert np.array_equal(read_picture(tmp_path / "a.tif"), coded(3))
    assert np.array_equal(read_picture(tmp_path / "b.tif"), four)
    said = sandbox.run("picture_info", {"path": str(tmp_path / "b.tif"), "out_dir": str(tmp_path / "out")})
    assert (said["kind"], said["bits"], said["has_alpha"], said["width"]) == ("tiff", 16, True, WIDTH)
    ok, data = cv2.imencode(".tiff", np.zeros((4, 4, 3), np.float32))
    assert ok
    (tmp_path / "c.tif").write_bytes(data.tobytes())
    with pytest.raises(Refused) as refused:
        read_picture(tmp_path / "c.tif")
    assert refused.value.code == "float_picture"
