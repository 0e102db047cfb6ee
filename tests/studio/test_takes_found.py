"""What was found in a take, said on its page: damage by its numbers, rates, fields, colour; refusals by their names."""

import struct
import zipfile
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.footage import services
from studio.footage.findings import colour, damage, notes, numbers, pace, picture
from studio.footage.models import Take
from studio.footage.reasons import verdict
from studio.media.models import Upload
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import make_artefact, make_shot

MEDIA = Path(__file__).resolve().parents[2] / "fixtures" / "media"
PLAIN: dict[str, Any] = {
    "codec": "h264", "pix_fmt": "yuv420p", "container": "mov,mp4,m4a,3gp,3g2,mj2", "depth": 8, "fps_num": 24,
    "fps_den": 1, "vfr": False, "corrupt_count": 0, "corrupt_frames": [],
    "colour": {"matrix": "bt709", "full_range": False, "primaries": "bt709", "transfer": "bt709", "tagged": True,
               "hdr": False, "wide": False},
}  # fmt: skip
FILM = Fraction(24)


def png(width=72, height=128, shade=0):
    """An 8-bit RGB PNG, by hand: this process loads no media library."""
    rows = b"".join(b"\0" + bytes((40, 160 + shade, 60)) * width for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sent(shot, cast, path, name):
    """A take of the shot's actor from these bytes, as an upload leaves it."""
    layer = shot.layers.get(kind="actor")
    artefact = make_artefact(shot.production, path, mime="application/octet-stream", suffix=path.suffix)
    upload = Upload.objects.create(
        production_id=shot.production_id, created_by=cast.eddie, filename=name, size=artefact.size,
        purpose={"kind": "take", "layer": str(layer.pk)}, artefact=artefact, expires_at=timezone.now(),
    )  # fmt: skip
    return services.receive_take(upload, artefact)


def page_of(shot, cast):
    client = Client()
    client.force_login(cast.cleo)
    episode, path = shot.code.split("_", 1)
    return client.get(reverse("footage:takes", args=[shot.production.slug, episode, path])).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_damaged_take_names_its_frames_as_people_count_them(settings):
    shot = make_shot()
    cast = make_cast(shot.production)
    take = sent(shot, cast, MEDIA / "corrupt.mp4", "A001.mp4")
    drain_jobs()
    take.refresh_from_db()
    assert take.state == Take.State.READY
    assert take.probe["corrupt_frames"] == take.probe["held"] == [16]
    text = page_of(shot, cast)
    assert "Frame 1017 is damaged or missing: the whole frame before it is held." in text
    assert "may show traces" in text and "H.264 · 8 bit · 4:2:0 · MOV/MP4" in text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_zip_of_pictures_becomes_a_take_at_the_productions_rate(tmp_path):
    shot = make_shot()
    cast = make_cast(shot.production)
    path = tmp_path / "take.zip"
    with zipfile.ZipFile(path, "w") as box:
        for number in (1001, 1002, 1004, 1005):
            box.writestr(f"A001/A001.{number}.png", png(shade=number - 1001))
    take = sent(shot, cast, path, "A001.zip")
    drain_jobs()
    take.refresh_from_db()
    production = shot.production
    assert (take.state, take.frame_count, take.probe["codec"]) == (Take.State.READY, 5, "png")
    assert (take.probe["fps_num"], take.probe["fps_den"]) == (production.fps_num, production.fps_den)
    assert take.proxy_id and take.filmstrip_id and not take.waveform_id
    text = page_of(shot, cast)
    for said in (
        "PNG · 8 bit · ZIP",
        "Pictures 1001 to 1005, played at 24.",
        "Missing pictures: 1003.",
        "Frame 1003 is",
    ):
        assert said in text, said


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_refused_zip_is_called_by_the_name_it_was_sent_under(tmp_path):
    shot = make_shot()
    cast = make_cast(shot.production)
    path = tmp_path / "take.zip"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("p.1.png", png())
        box.writestr("p.2.png", png(width=60))
    take = sent(shot, cast, path, "A002.zip")
    with zipfile.ZipFile(tmp_path / "path.zip", "w") as box:
        box.writestr("../p.1.png", png())
    other = sent(shot, cast, tmp_path / "path.zip", "A003.zip")
    drain_jobs(may_fail=True)
    take.refresh_from_db()
    other.refresh_from_db()
    assert take.state == other.state == Take.State.REFUSED
    assert "p.2.png is 60 × 128 and the pictures before it are 72 × 128" in take.error
    assert other.error.startswith("A003.zip holds a file that points outside of it")


def test_a_picture_and_its_colour_are_said_in_a_few_words():
    assert picture(PLAIN) == "H.264 · 8 bit · 4:2:0 · MOV/MP4"
    deep = {"codec": "prores", "pix_fmt": "yuva444p12le", "depth": 12, "container": "mov", "has_alpha": True}
    assert picture(deep) == "ProRes · 12 bit · 4:4:4 · with alpha · MOV/MP4"
    assert colour(PLAIN) == "BT.709 · SDR · BT.709 matrix · limited range"
    hlg = {"colour": {"matrix": "bt2020", "full_range": True, "primaries": "bt2020", "transfer": "arib_std_b67"}}
    assert colour(hlg) == "BT.2020 · HLG · BT.2020 matrix · full range"


@pytest.mark.parametrize(
    ("own", "to", "said"),
    [
        ((24, 1), (24, 1), ""),
        ((24000, 1001), (24, 1), "23.976 is shown at 24 frame for frame"),
        ((50, 1), (25, 1), "1 of every 2 frames"),
        ((60000, 1001), (30000, 1001), "1 of every 2 frames"),
        ((60, 1), (24, 1), "2 of every 5 frames"),
        ((24, 1), (25, 1), "frames are repeated, 24 fill 25"),
        ((24, 1), (30, 1), "frames are repeated, 4 fill 5"),
    ],
)
def test_each_conform_is_said(own, to, said):
    told = pace({"fps_num": own[0], "fps_den": own[1]}, Fraction(*to))
    assert said in told and bool(said) == bool(told)


def test_what_was_done_is_said():
    told = dict(PLAIN["colour"], hdr=True, wide=True, transfer="smpte2084", tagged=False, matrix="bt2020")
    said = " ".join(notes(PLAIN | {"colour": told, "interlaced": True, "vfr": True}, FILM))
    for words in (
        "PQ is tone-mapped to BT.709",
        "does not say its colour: it is read as BT.2020",
        "first field",
        "varies",
    ):
        assert words in said, words
    assert notes(PLAIN, FILM) == []


def test_numbers_run_together_and_the_rest_is_counted():
    assert numbers([13, 15, 16, 17], 1001) == "1014, 1016–1018"
    assert numbers(range(0, 60, 2), 1001).endswith("1023, and 18 more")


def test_damage_at_another_rate_is_told_by_the_comps_own_frames():
    probe = PLAIN | {"corrupt_count": 2, "corrupt_frames": [10, 11], "held": [5], "traces": [[12, 20]], "fps_num": 48}
    said = damage(probe, FILM, 1001)
    assert said[0].startswith("Frame 1006 is damaged")
    assert "up to the next key frame" in said[1]
    assert "none of them" in damage(probe | {"held": []}, FILM, 1001)[0]


def test_an_unusual_screen_is_called_by_its_hue_as_on_the_comp_page():
    found = {"code": "screen_found", "params": {"name": "other", "share": 39}}
    told = verdict({"name": "other", "hue_degrees": 61, "reasons": [found]})
    assert (str(told["name"]), told["sentences"]) == ("yellow", ["A yellow screen fills 39 % of the picture."])
    assert verdict({"name": "green", "hue_degrees": 61})["name"] == "green"


def test_a_film_that_breaks_off_says_what_it_promised():
    probe = PLAIN | {"frame_count": 95, "promised": 180, "corrupt_count": 1, "corrupt_frames": [94], "held": []}
    assert damage(probe, FILM, 1001) == [
        "The file promises 180 frames and breaks off after 95: it was not copied or exported to its end. Send it again."
    ]
    assert damage(probe | {"corrupt_frames": [40], "held": [40]}, FILM, 1001)[1].startswith("Frame 1041 is damaged")
    assert damage(PLAIN | {"frame_count": 95, "promised": 0}, FILM, 1001) == []
