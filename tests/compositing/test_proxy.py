"""Probing says what decoding finds; a proxy's frame n is its take's frame n."""

from fractions import Fraction

import av
import numpy as np
import pytest

from compositing import sandbox
from compositing.io.pictures import read_picture
from compositing.io.probe import probe
from compositing.io.proxy import make_proxy
from compositing.io.sound import Sound
from compositing.io.video import open_frames, video_info
from compositing.timecode import Rate
from tests.compositing.media import MEDIA, number_in

BEEP = 24_000  # samples from one beep to the next


@pytest.mark.parametrize(
    ("name", "size", "rate", "count"),
    [
        ("plain.mp4", (72, 128), (24, 1), 36),
        ("landscape_5994.mp4", (128, 72), (60000, 1001), 48),
        ("film_23976.mp4", (72, 128), (24000, 1001), 24),
        ("rotated.mp4", (72, 128), (24, 1), 8),
    ],
)
def test_probe_finds_size_rate_and_count(name, size, rate, count):
    facts = probe(MEDIA / name)
    assert (facts.display_width, facts.display_height) == size
    assert (facts.fps_num, facts.fps_den) == rate
    assert (facts.frame_count, facts.duration_frames, facts.vfr) == (count, count, False)
    assert facts.corrupt_frames == [] and facts.codec == "h264" and facts.pix_fmt == "yuv420p"


def test_probe_reads_sound_and_colour_tags():
    facts = probe(MEDIA / "plain.mp4")
    assert facts.audio is not None
    assert (facts.audio.codec, facts.audio.rate, facts.audio.channels) == ("aac", 48000, 1)
    assert (facts.colour.matrix, facts.colour.tagged, facts.colour.full_range) == ("bt709", True, False)
    assert probe(MEDIA / "vfr.mp4").audio is None
    bare = probe(MEDIA / "untagged_small.mp4").colour
    assert (bare.matrix, bare.tagged) == ("bt601", False)


def test_probe_numbers_the_damaged_frame():
    with av.open(str(MEDIA / "corrupt.mp4")) as box:
        victim = [packet for packet in box.demux(video=0) if packet.size][13]
        number = round(victim.pts * victim.time_base * 24)
    facts = probe(MEDIA / "corrupt.mp4")
    assert facts.corrupt_frames == [number] and facts.frame_count == 36


def test_probe_sees_a_variable_rate():
    facts = probe(MEDIA / "vfr.mp4")
    assert facts.vfr and facts.frame_count == 31
    assert facts.duration_frames == pytest.approx(1.58 * facts.fps_num / facts.fps_den, abs=1)


def test_a_proxy_shows_the_takes_frames_one_for_one(tmp_path):
    made = make_proxy(MEDIA / "plain.mp4", tmp_path, rate=Rate(24), width=1080, height=1920)
    assert [number_in(p) for p in open_frames(tmp_path / "proxy.mp4")] == list(range(36))
    assert (made["frame_count"], made["width"], made["height"]) == (36, 72, 128)  # never enlarged


def test_a_5994_landscape_take_becomes_2997_upright(tmp_path):
    args = {"path": str(MEDIA / "landscape_5994.mp4"), "out_dir": str(tmp_path), "fps_num": 30000, "fps_den": 1001,
            "width": 1080, "height": 1920, "centre_milli": 0}  # fmt: skip
    made = sandbox.run("proxy", args)
    info = video_info(tmp_path / "proxy.mp4")
    assert (info.fps, info.vfr, info.frame_count) == (Fraction(30000, 1001), False, 24)
    assert (info.width, info.height) == (made["width"], made["height"])
    assert info.height <= 72 and abs(info.width / info.height - 9 / 16) < 0.03
    wanted = list(open_frames(MEDIA / "landscape_5994.mp4", width=info.width, height=info.height, centre_milli=0))
    for n, seen in enumerate(open_frames(tmp_path / "proxy.mp4")):
        errors = [np.abs(seen.astype(int) - other).mean() for other in wanted]
        assert errors[2 * n] < 6 and errors[2 * n] <= min(errors) + 0.5
        assert errors[2 * n + 1] > errors[2 * n] + 3  # the squares of the low bits are inside the crop


def test_a_proxy_is_quick_to_seek_and_starts_at_once(tmp_path):
    make_proxy(MEDIA / "plain.mp4", tmp_path)
    data = (tmp_path / "proxy.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "proxy.mp4")) as box:
        keys = [n for n, packet in enumerate(p for p in box.demux(video=0) if p.size) if packet.is_keyframe]
    assert keys[0] == 0 and max(np.diff([*keys, 36])) <= 12


def test_a_proxy_brings_its_pictures(tmp_path):
    made = make_proxy(MEDIA / "plain.mp4", tmp_path)
    strip = read_picture(made["filmstrip"])
    tiles = made["tiles"]
    assert tiles["count"] == 16 and strip.shape[:2] == (tiles["height"], 16 * tiles["width"])
    seen = [number_in(strip[:, n * tiles["width"] : (n + 1) * tiles["width"]]) for n in range(16)]
    assert seen == tiles["frames"]
    assert number_in(read_picture(made["poster"])) == 18
    wave = read_picture(made["waveform"])
    loud = np.count_nonzero(wave[:, :, 3], axis=0) > 20
    beeps = np.nonzero(np.diff(np.concatenate([[0], loud.astype(int)])) == 1)[0] / wave.shape[1] * 1.5
    assert np.allclose(beeps, [0, 0.5, 1.0], atol=0.02)


def test_a_silent_take_has_no_waveform(tmp_path):
    made = make_proxy(MEDIA / "vfr.mp4", tmp_path, rate=Rate(30))
    assert made["waveform"] is None and not (tmp_path / "waveform.png").exists()
    with av.open(made["proxy"]) as box:
        assert not box.streams.audio


def beeps_in(samples):
    """Where beeps begin in (2, n) samples."""
    loud = np.abs(samples[0]) > 0.1
    at = np.nonzero(loud)[0]
    return at[np.concatenate([[True], np.diff(at) > 4800])] if at.size else at


def test_sound_stays_with_its_picture(tmp_path):
    with Sound(MEDIA / "plain.mp4") as sound:
        source = beeps_in(sound.read(72_000))
    assert np.allclose(source, [0, BEEP, 2 * BEEP], atol=100)
    make_proxy(MEDIA / "plain.mp4", tmp_path)
    with Sound(tmp_path / "proxy.mp4") as sound:
        assert np.allclose(beeps_in(sound.read(72_000)), source, atol=100)


def test_sound_of_2398_film_shown_at_24_runs_as_fast_as_the_picture():
    with Sound(MEDIA / "film_23976.mp4", fps=Fraction(24)) as sound:
        assert np.allclose(beeps_in(sound.read(48_000)), np.array([0, 1, 2]) * BEEP * 1000 / 1001, atol=20)


def test_sound_can_begin_anywhere_and_is_silent_past_its_end():
    with Sound(MEDIA / "plain.mp4", start=BEEP - 1000) as sound:
        assert np.allclose(beeps_in(sound.read(20_000)), [1000], atol=100)
    with Sound(MEDIA / "plain.mp4", start=-5000) as sound:
        assert np.allclose(beeps_in(sound.read(20_000)), [5000], atol=100)
    with Sound(MEDIA / "plain.mp4", start=200_000) as sound:
        assert not sound.read(1000).any()
