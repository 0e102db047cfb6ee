"""Plates: the same bytes from the same wish, light that can be trusted, and an honest word inside the file."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.errors import Refused
from compositing.plates import FAMILIES, estimate_seconds, plate_op
from compositing.plates import bands as bands_module
from compositing.plates.notes import note_of

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 72, 128
ROOMS = ("bedroom", "corridor", "lobby", "office", "palace", "ward")


def draw(folder: Path, family: str, seed: int = 1, **params: Any) -> dict[str, Any]:
    return plate_op(
        {
            "family": family,
            "params": {"defocus": 0, **params},
            "seed": seed,
            "width": WIDTH,
            "height": HEIGHT,
            "out_dir": str(folder),
        },
        lambda done, total, stage: None,
    )


Plates = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Plates:
    """Draw a family with settings, once for all tests that only look at it."""
    held: dict[str, dict[str, Any]] = {}

    def one(family: str, **params: Any) -> dict[str, Any]:
        key = json.dumps([family, params], sort_keys=True)
        if key not in held:
            held[key] = draw(tmp_path_factory.mktemp("plate"), family, **params)
        return held[key]

    return one


def pixels(path: str) -> np.ndarray:
    found = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found.astype(np.float64)


def test_pages_can_read_families_without_loading_pictures_libraries() -> None:
    code = (
        "import sys, compositing.plates as p, compositing.effects as e; "
        "assert p.FAMILIES and e.FAMILIES; p.settings('office', {}); e.settings('rain', {}); "
        "print([m for m in ('numpy', 'cv2', 'numba', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_says_in_words_what_can_be_set_and_its_defaults_are_allowed(name: str) -> None:
    found = FAMILIES[name]
    assert found.origin == "procedural"
    assert found.title and found.summary
    assert "AI" not in found.title + found.summary
    for parameter in found.parameters:
        assert parameter.title and parameter.help
        assert parameter.check(parameter.default) == parameter.default
    sharp = estimate_seconds(name, 1080, 1920)
    assert sharp > estimate_seconds(name, 1080, 1920, {"defocus": 25}) > estimate_seconds(name, 405, 720) > 0


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_same_wish_gives_the_same_bytes_whatever_the_number_of_threads(
    name: str, plate: Plates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plate(name, light="night")
    monkeypatch.setattr(bands_module, "THREADS", bands_module.THREADS + 2)
    again = draw(tmp_path / "again", name, light="night")
    for key in ("picture", "preview", "depth"):
        assert Path(made[key]).read_bytes() == Path(again[key]).read_bytes()
    other = draw(tmp_path / "other", name, seed=2, light="night")
    assert Path(other["picture"]).read_bytes() != Path(made["picture"]).read_bytes()


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_light_gives_a_picture_with_shadows_and_lights_that_looks_its_own_way(name: str, plate: Plates) -> None:
    shown = {}
    for light in ("day", "golden", "night", "storm"):
        result = plate(name, light=light)
        shown[light] = picture = pixels(result["picture"])
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert np.quantile(picture, 0.98) > 110
        assert np.quantile(picture, 0.02) < 90
        assert picture.std() > 15
        x, y, z = (v / 1000 for v in result["light"]["direction_milli"])
        assert abs(x * x + y * y + z * z - 1) < 0.01
        assert max(result["light"]["key_milli"]) == 1000
        assert result["light"]["source"] == ("sun" if light in ("day", "golden") else "picture")
    for one in shown:
        for other in shown:
            assert one >= other or np.abs(shown[one] - shown[other]).mean() > 8
    warmth = {light: picture[..., 2].mean() / picture[..., 0].mean() for light, picture in shown.items()}
    assert warmth["golden"] > 1.1 * max(warmth["day"], warmth["storm"])
    if name in ROOMS:
        assert warmth["night"] > warmth["storm"]  # the lamps inside, or the weather outside


def test_a_low_sun_is_warmer_than_a_high_one(tmp_path: Path) -> None:
    day = draw(tmp_path / "day", "city", light="day", palette="natural")["light"]
    low = draw(tmp_path / "low", "city", light="golden", palette="natural")["light"]
    assert low["key_milli"][2] < 0.5 * day["key_milli"][2]
    assert low["direction_milli"][1] < day["direction_milli"][1]
    assert low["ambient_milli"][0] / low["ambient_milli"][2] > day["ambient_milli"][0] / day["ambient_milli"][2]


def test_depth_knows_the_sky_and_that_the_road_comes_nearer_downward(tmp_path: Path) -> None:
    result = draw(tmp_path, "city", camera_height=200, horizon=58, traffic=0, clutter=0)
    depth = cv2.imread(result["depth"], cv2.IMREAD_UNCHANGED)
    assert depth is not None and depth.dtype == np.uint16
    assert (depth[: HEIGHT // 8, WIDTH // 2] == 0).any()
    metres = result["depth_near_milli_m"] / 1000 * 65535 / depth[[100, 127], WIDTH // 2].astype(float)
    # a level road: z = height * focal / rows below the horizon
    rows = np.array([100.5, 127.5]) - 0.58 * HEIGHT
    assert metres == pytest.approx(2.0 * (30 / 36 * HEIGHT) / rows, rel=0.03)


def test_a_street_of_another_time_has_lower_houses_and_an_office_names_its_panes(tmp_path: Path) -> None:
    sky = {}
    for period in ("modern", "eighties", "republican"):
        made = draw(tmp_path / period, "city", period=period, light="day", weather="clear", horizon=70)
        sky[period] = float((cv2.imread(made["depth"], cv2.IMREAD_UNCHANGED) == 0).mean())
    assert min(sky["eighties"], sky["republican"]) > 1.3 * sky["modern"]
    glass = note_of(Path(draw(tmp_path / "room", "office")["depth"]))["glass"]
    assert len(glass["panes"]) == 2 and glass["stand"][1] == 1450


def test_soft_focus_takes_detail_away_and_keeps_the_light(tmp_path: Path) -> None:
    sharp = pixels(draw(tmp_path / "sharp", "office", defocus=0)["picture"])
    soft = pixels(draw(tmp_path / "soft", "office", defocus=100)["picture"])
    assert cv2.Laplacian(soft, cv2.CV_64F).std() < 0.5 * cv2.Laplacian(sharp, cv2.CV_64F).std()
    assert soft.mean() == pytest.approx(sharp.mean(), rel=0.15)


def test_brightness_lamps_and_weather_do_what_they_say(tmp_path: Path) -> None:
    def mean(name: str, **params: Any) -> float:
        return float(pixels(draw(tmp_path / name, "office", **params)["picture"]).mean())

    plain = mean("plain")
    assert mean("brighter", brightness=100) > plain > mean("darker", brightness=-100)
    assert mean("lit", ceiling_lights=100) > mean("unlit", ceiling_lights=0)
    assert mean("rain", weather="rain") != plain


def test_the_files_say_that_they_are_procedural(tmp_path: Path) -> None:
    result = draw(tmp_path, "office")
    assert result["origin"] == "procedural"
    data = Path(result["picture"]).read_bytes()
    at = data.index(b"tEXtSource\0")
    length = int.from_bytes(data[at - 4 : at], "big")
    note = json.loads(data[at + 11 : at + 4 + length])
    assert note["origin"] == "procedural" and note["family"] == "office" and note["seed"] == 1
    assert b'"origin": "procedural"' in Path(result["preview"]).read_bytes()[:400]


def test_progress_only_goes_forward_and_ends(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    plate_op(
        {"family": "office", "params": {}, "seed": 0, "width": WIDTH, "height": HEIGHT, "out_dir": str(tmp_path)},
        lambda done, total, stage: seen.append((done, total, stage)),
    )
    shares = [done / total for done, total, _ in seen]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(seen) > 5


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"family": "moon"}, "moon"),
        ({"params": {"sharpness": 3}}, "sharpness"),
        ({"params": {"clutter": 101}}, "Clutter"),
        ({"params": {"clutter": 10.5}}, "Clutter"),
        ({"params": {"light": "noon"}}, "noon"),
        ({"width": 20}, "20"),
        ({"width": 100000}, "100000"),
        ({"seed": -1}, "seed"),
        ({"seed": "x"}, "seed"),
    ],
)
def test_a_wish_that_cannot_be_drawn_is_refused_with_a_sentence(
    change: dict[str, Any], word: str, tmp_path: Path
) -> None:
    args = {"family": "office", "params": {}, "seed": 0, "width": WIDTH, "height": HEIGHT, "out_dir": str(tmp_path)}
    with pytest.raises(Refused, match=word) as caught:
        plate_op({**args, **change}, lambda *_: None)
    assert str(caught.value).endswith(".")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_the_light_comes_from_where_it_is_asked_for_and_the_picture_changes(
    name: str, plate: Plates, tmp_path: Path
) -> None:
    shown = {}
    for azimuth in ("", -90, 90):
        asked = {} if azimuth == "" else {"key_azimuth": azimuth}
        made = plate(name, light="golden", **asked)
        shown[azimuth] = pixels(made["picture"])
        if azimuth == "":
            assert "key_azimuth" not in made["settings"]
            continue
        x, y, z = made["light"]["direction_milli"]
        assert made["light"]["azimuth"] == azimuth and made["light"]["source"] == "key"
        assert (x > 500) == (azimuth == 90) and abs(z) < 20 and y > 0
    assert np.abs(shown[-90] - shown[90]).mean() > 2.0  # a sky without its sun in view changes least
    with pytest.raises(Refused, match="Light from is 181"):
        FAMILIES[name].settings({"key_azimuth": 181})


def test_degrees_come_from_a_form_as_words_and_from_a_script_as_numbers() -> None:
    found = FAMILIES["office"]
    assert found.settings({"key_azimuth": "-45"})["key_azimuth"] == -45
    assert found.settings({"key_azimuth": -37})["key_azimuth"] == -37
    assert "key_azimuth" not in found.settings({})


def test_a_dark_room_is_lit_by_the_lamp_that_the_key_sets_up_in_the_colour_asked_for(tmp_path: Path) -> None:
    def light(name: str, **params: Any) -> np.ndarray:
        made = draw(tmp_path / name, "corridor", light="night", lamps=0, palette="natural", **params)
        return pixels(made["picture"])[60:].reshape(-1, 3).mean(0)

    dark, cold, warm = light("d"), light("c", key_azimuth=60, key_warmth=-80), light("w", key_azimuth=60, key_warmth=80)
    assert min(cold.mean(), warm.mean()) > 2 * dark.mean()
    assert warm[2] / warm[0] > 1.3 * cold[2] / cold[0]  # OpenCV reads blue first


def test_normals_face_the_camera_and_floors_face_up(tmp_path: Path) -> None:
    made = draw(tmp_path, "corridor")
    coded = cv2.imread(made["normals"], cv2.IMREAD_UNCHANGED)
    assert coded is not None and coded.dtype == np.uint16
    normal = coded[..., ::-1].astype(np.float64) / 65535 * 2 - 1  # OpenCV reads blue first
    assert np.linalg.norm(normal, axis=2) == pytest.approx(np.ones((HEIGHT, WIDTH)), abs=2e-3)
    assert normal[-6:, 30:42].mean((0, 1)) == pytest.approx([0, 1, 0], abs=0.02)
    assert normal[60:90, 2:8, 0].mean() > 0.8 and normal[60:90, -8:-2, 0].mean() < -0.8
    assert "normals" not in draw(tmp_path / "s", "sky")


@pytest.mark.parametrize("name", ROOMS)
def test_period_palette_and_clutter_each_change_a_room(name: str, tmp_path: Path) -> None:
    plain = pixels(draw(tmp_path / "plain", name, light="day", palette="natural", clutter=0)["picture"])
    asked: list[dict[str, Any]] = [{"palette": "cold"}, {"palette": "neon"}, {"clutter": 100}]
    if name != "palace":
        asked += [{"period": "eighties"}, {"period": "republican"}]
    for nth, more in enumerate(asked):
        wish = {"light": "day", "palette": "natural", "clutter": 0} | more
        changed = np.abs(pixels(draw(tmp_path / str(nth), name, **wish)["picture"]) - plain)
        assert (changed.max(2) > 12).mean() > (0.02 if "clutter" in more else 0.3), more
