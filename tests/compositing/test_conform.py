"""A cut becomes one film: exactly its frames, its sound, its label and its key."""

import numpy as np
import pytest

from compositing import sandbox
from compositing.conform import Credit, Item, Label, conform
from compositing.errors import Refused
from compositing.io.aigc import FIELDS, build_aigc, encode_aigc, parse_aigc
from compositing.io.label import burn, find_label, measure_label, place_credit, place_label
from compositing.io.lettering import em_for, letter
from compositing.io.sound import Sound
from compositing.io.verify import read_aigc, read_metadata, verify_media
from compositing.io.video import VideoWriter, open_frames, video_info
from compositing.timecode import Rate
from tests.compositing.media import MEDIA, number_in
from tests.compositing.test_proxy import beeps_in

pytestmark = pytest.mark.slow

PLAIN = MEDIA / "plain.mp4"
PRODUCER = "001191110000MA000000X000005"


def cut(tmp_path, items, **more):
    return conform(items, tmp_path / "master.mp4", rate=Rate(24), width=72, height=128, **more)


def test_a_cut_has_exactly_its_frames_in_order(tmp_path):
    items = [Item(PLAIN, 5, 12, None), Item(PLAIN, 30, 35, None), Item(PLAIN, 0, 0, None)]
    made = cut(tmp_path, items)
    assert [number_in(p) for p in open_frames(made["path"])] == [*range(5, 13), *range(30, 36), 0]
    assert made["frame_count"] == 15 and made["items"] == [8, 6, 1]
    info = video_info(made["path"])
    assert (info.fps, info.vfr, info.matrix, info.tagged) == (24, False, "bt709", True)


def test_the_same_cut_gives_the_same_bytes(tmp_path):
    items = [Item(PLAIN, 0, 9, PLAIN), Item(PLAIN, 20, 29, None)]
    more = {"label": Label(), "aigc": build_aigc(producer=PRODUCER, produce_id="EP01"), "title": "灯火"}
    first = cut(tmp_path, items, **more)["sha256"]
    assert cut(tmp_path, items, **more)["sha256"] == first
    assert cut(tmp_path, items, **{**more, "title": "别的"})["sha256"] != first


def test_sound_follows_the_take_and_not_the_master(tmp_path):
    # The master's frame 0 is frame 6 of the take (0.25 s); the beep at 0.5 s falls on the master's frame 6.
    items = [Item(PLAIN, 2, 13, PLAIN, 6), Item(PLAIN, 0, 11, None), Item(PLAIN, 0, 11, PLAIN, 0)]
    made = cut(tmp_path, items)
    with Sound(made["path"]) as sound:
        beeps = beeps_in(sound.read(72_000))
    assert np.allclose(beeps, [(12 - 6 - 2) * 2000, 24 * 2000], atol=150)
    assert made["loudness"]["silent"] is False and made["loudness"]["peak_milli"] > -12_000


def test_a_silent_cut_says_that_it_is_silent(tmp_path):
    made = cut(tmp_path, [Item(PLAIN, 0, 11, None)])
    assert made["loudness"]["silent"] is True and made["loudness"]["integrated_milli"] == -70_000
    with Sound(made["path"]) as sound:
        assert sound.present and not sound.read(24_000).any()


def test_a_cut_beyond_a_masters_end_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        cut(tmp_path, [Item(PLAIN, 0, 36, None)])
    assert refused.value.code == "frames_outside" and refused.value.params["frame_count"] == 36
    with pytest.raises(Refused) as refused:
        cut(tmp_path, [])
    assert refused.value.code == "empty_cut"
    assert not (tmp_path / "master.mp4").exists()


@pytest.mark.parametrize("size", [(1080, 1920), (540, 960), (720, 1280)])
def test_the_lowest_character_is_drawn_as_high_as_asked(size):
    piece = place_label("AI生成", *size, 50)
    heights = [bottom - top for _, top, _, bottom in piece.ink.boxes]
    assert len(heights) == 4
    assert min(size) * 50 // 1000 <= min(heights) <= min(size) * 50 // 1000 + 2


def test_chinese_is_drawn_and_not_boxes():
    seen = {char: letter(char, 64.0).coverage for char in "人工智能生成合"}
    assert len({ink.tobytes() for ink in seen.values()}) == 7
    assert all(0.15 < ink.mean() < 0.7 for ink in seen.values())
    with pytest.raises(Refused) as refused:
        letter("\U0001f3ac", 64.0)
    assert refused.value.code == "no_glyph"


def test_a_font_size_is_not_a_glyph_height():
    assert em_for("AI生成", 54) > 54 * 1.2
    assert letter("A", 54.0).coverage.shape[0] < 50  # what "fontsize 54" would have drawn


@pytest.fixture(scope="module")
def bright(tmp_path_factory):
    """A busy, bright master of 26 frames: the hard case for finding white letters."""
    path = tmp_path_factory.mktemp("master") / "bright.mp4"
    noise = np.random.default_rng(3).integers(140, 255, (960, 540, 3), dtype=np.uint8)
    with VideoWriter(path, 540, 960, 24, crf=28, preset="ultrafast") as film:
        for n in range(26):
            film.write(np.roll(noise, 5 * n, axis=1))
    return path


def test_the_label_is_measured_in_decoded_pixels(tmp_path, bright):
    items = [Item(bright, 0, 25, None)] * 2
    made = conform(
        items, tmp_path / "m.mp4", rate=Rate(24), width=540, height=960, label=Label(seconds_milli=2000, end=False)
    )
    assert made["label_height_px"] >= 27 and made["label_frames"] == 48 and made["label"]["meets"]
    blind = measure_label(made["path"])  # size not told
    assert abs(blind.height_px - made["label_height_px"]) <= 1 and blind.frames == 48 and blind.end_frames == 0
    first = next(open_frames(made["path"]))
    clean = next(open_frames(bright))
    piece = place_label("AI生成", 540, 960)
    changed = np.abs(first.astype(int) - clean).mean(axis=2) > 80
    rows = np.nonzero(changed.any(axis=1))[0]
    assert rows[0] >= piece.plate[1] - 2 and rows[-1] <= piece.plate[3] + 2


@pytest.mark.parametrize(("label", "why"), [
    (Label(height_permille=40, seconds_milli=2000), "too low"),
    (Label(seconds_milli=1900), "too short"),
    (None, "absent"),
])  # fmt: skip
def test_a_label_that_breaks_the_rule_is_seen(tmp_path, bright, label, why):
    items = [Item(bright, 0, 25, None)] * 2
    made = conform(items, tmp_path / "m.mp4", rate=Rate(24), width=540, height=960, label=label)
    seen = measure_label(made["path"])
    assert not seen.meets()
    assert {"too low": seen.permille in range(38, 45), "too short": seen.frames == 46, "absent": seen.height_px == 0}[
        why
    ]


def test_another_text_is_not_taken_for_the_label():
    picture = np.full((960, 540, 3), 90, np.uint8)
    other = burn(picture, [place_label("特别篇", 540, 960)])
    with_label = burn(picture, [place_label("AI生成", 540, 960)])
    assert find_label(other) is None and find_label(picture) is None
    assert find_label(with_label) is not None


def test_the_key_is_written_and_read_back(tmp_path):
    aigc = build_aigc(producer=PRODUCER, produce_id="demo-EP01-1")
    made = cut(tmp_path, [Item(PLAIN, 0, 5, None)], aigc=aigc, title="灯火 第一集")
    assert read_aigc(made["path"]) == aigc and list(aigc) == list(FIELDS)
    assert read_metadata(made["path"])["title"] == "灯火 第一集"
    data = (tmp_path / "master.mp4").read_bytes()
    assert boxes_around(data, b"AIGC")[:2] == ["moov", "udta"] or boxes_around(data, b"AIGC")[:2] == ["moov", "meta"]


def boxes_around(data, mark):
    """The MP4 boxes that the first `mark` lies in, outermost first."""
    place, found, start, end = data.index(mark), [], 0, len(data)
    while True:
        at = start
        while at < end:
            size = int.from_bytes(data[at : at + 4], "big")
            if size < 8 or at + size > end:
                return found
            if at <= place < at + size:
                found.append(data[at + 4 : at + 8].decode("latin-1"))
                start, end = at + 8, at + size
                break
            at += size
        else:
            return found


def test_a_film_without_a_key_has_none():
    assert read_aigc(PLAIN) is None


def test_the_wrapped_form_is_read_and_a_broken_one_refused():
    aigc = build_aigc(producer=PRODUCER, produce_id="x")
    assert parse_aigc('{"AIGC":' + encode_aigc(aigc) + "}") == aigc
    for text in ("{", "[]", "{}", '{"AIGC":{}}'):
        with pytest.raises(Refused):
            parse_aigc(text)
    for bad in (
        {"producer": 'a"b', "produce_id": "x"},
        {"producer": "a", "produce_id": "x\\"},
        {"producer": "a", "produce_id": "x", "label": "9"},
    ):
        with pytest.raises(Refused) as refused:
            build_aigc(**bad)
        assert refused.value.code == "bad_aigc"


def test_the_operation_conforms_and_verifying_agrees(tmp_path, bright):
    piece = {"path": str(bright), "frame_in": 0, "frame_out": 25}
    args = {
        "items": [{**piece, "audio": {"path": str(PLAIN), "offset_frames": 0}}, {**piece, "audio": None}],
        "fps_num": 24, "fps_den": 1, "width": 540, "height": 960,
        "label": {"text": "AI生成", "height_permille": 56, "seconds_milli": 3000, "end": False},
        "credit": "备案号：（京）网微剧备字（2026）第0001号",
        "metadata": {"AIGC": encode_aigc(build_aigc(producer=PRODUCER, produce_id="1")), "title": "第一集"},
        "out": str(tmp_path / "成片.mp4"),
    }  # fmt: skip
    made = sandbox.run("conform", args)
    seen = sandbox.run("verify_media", {"path": made["path"]})
    for name in ("sha256", "frame_count", "fps_num", "fps_den", "width", "height"):
        assert seen[name] == made[name], name
    assert seen["aigc"]["ContentProducer"] == PRODUCER and seen["title"] == "第一集"
    assert seen["label"]["meets"] and seen["label"]["frames"] == 52
    assert seen["audio"] == {"codec": "aac", "rate": 48000, "channels": 2, "streams": 1}
    assert seen["corrupt_frames"] == [] and seen["vfr"] is False


def test_the_credit_stands_in_the_head_only(tmp_path, bright):
    conform([Item(bright, 0, 25, None)], tmp_path / "m.mp4", rate=Rate(24), width=540, height=960,
            credit=Credit("备案号：第0001号", seconds_milli=1000))  # fmt: skip
    darker = [
        (a.astype(int) - b).mean() > 0.3
        for a, b in zip(open_frames(bright), open_frames(tmp_path / "m.mp4"), strict=True)
    ]
    assert darker == [True] * 24 + [False] * 2


def test_verifying_a_film_of_ours_without_label_or_key_says_so():
    seen = verify_media(PLAIN)
    assert seen["aigc"] is None and seen["label"]["height_px"] == 0 and not seen["label"]["meets"]


def test_an_empty_label_asks_for_the_usual_one(tmp_path):
    args = {"items": [{"path": str(PLAIN), "frame_in": 0, "frame_out": 5}], "fps": 24, "width": 540, "height": 960}
    made = sandbox.run("conform", {**args, "label": {}, "out": str(tmp_path / "a.mp4")})
    assert made["label_height_px"] >= 27 and made["label_frames"] == 6
    assert not made["label"]["meets"]  # the whole film is shorter than two seconds


@pytest.mark.parametrize("size", [(72, 128), (540, 960), (1080, 1920)])
def test_a_credit_can_be_lettered_at_any_size(size: tuple[int, int]) -> None:
    lines = place_credit("(京)网微剧审字(2026)第0421号", *size, 30)
    assert lines and all(line.ink.coverage.any() for line in lines)
