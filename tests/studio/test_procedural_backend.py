"""Places drawn by rule as the draw form asks for them: pictures, clips as long as their shot, prices said before."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from studio.comps.recipes import Filling, LayerFacts, ShotFacts, build
from studio.core.errors import Invalid
from studio.generation.backends.base import Context
from studio.generation.backends.procedural import Procedural

FORM = {"width": 72, "height": 128, "fps_num": 24, "fps_den": 1}
FULL = FORM | {"width": 1080, "height": 1920}


def asked(family: str, form: dict[str, int] = FORM, **params: Any) -> dict[str, Any]:
    return Procedural().check({"family": family, "params": params, "seed": 1, **form, "shot_frames": 60})


def test_a_picture_has_no_length_and_a_moving_camera_lasts_as_long_as_its_shot() -> None:
    still, moving = asked("office"), asked("office", camera_move="push")
    assert "frames" not in still
    assert moving["frames"] == 60 and moving["fps_num"] == 24
    assert asked("rain")["frames"] == 48  # an effect loops, however long the shot is
    assert asked("lightning", play="once", start=12)["frames"] == 60  # one that strikes in the shot is as long as it


def test_a_clips_price_grows_with_its_length_and_is_known_before() -> None:
    backend = Procedural()
    still, moving = asked("office", FULL), asked("office", FULL, camera_move="push")
    assert backend.work(moving) > 5 * backend.work(still)
    assert backend.work(moving | {"frames": 120}) > 1.7 * backend.work(moving)


def test_the_draw_form_offers_camera_and_light_in_words() -> None:
    offer = next(one for one in Procedural().offers("background") if one.name == "palace")
    named = {one.name: one for one in offer.parameters}
    assert [choice.title for choice in named["camera_move"].choices][:3] == [
        "A picture",
        "Stands; the place lives",
        "Push in",
    ]
    assert named["key_azimuth"].choices[0].value == "" and named["key_azimuth"].minimum == -180
    with pytest.raises(Invalid, match="Light from"):
        asked("palace", key_azimuth=270)


def test_a_crowd_starts_from_the_depth_of_a_plate() -> None:
    backend, sha = Procedural(), "ab" * 32
    assert backend.inputs(asked("crowd")) == []
    assert backend.inputs(asked("crowd", ground=sha)) == [sha]
    with pytest.raises(Invalid, match="sha256"):
        asked("crowd", ground="the lobby")


@pytest.mark.parametrize("loop", ["yes", "no"])
def test_a_moving_plate_comes_as_a_clip_with_depth_and_light_and_fits_its_shot(loop: str, tmp_path: Path) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []

    def child(op: str, args: dict[str, Any]) -> dict[str, Any]:
        sent.append((op, args))
        files = {name: str(tmp_path / name) for name in ("clip", "preview", "poster", "depth")}
        return files | {"loops": args["params"]["camera_loop"] == "yes", "light": {"source": "sun"}, "seconds": 1.5}

    recipe = asked("sea", camera_move="stand", camera_loop=loop)
    made = Procedural().run(recipe, Context(child, tmp_path, lambda sha: tmp_path / sha))
    assert sent[0][0] == "plate" and sent[0][1]["frames"] == 60
    assert made.mime == "video/mp4" and made.depth == tmp_path / "depth" and made.media["frame_count"] == 60
    background = LayerFacts("bg", "background", "Sea", 0, Filling("1", "Sea", "c" * 64, "procedural", media=made.media))
    facts = ShotFacts("SH010", 72, 128, 24, 1, 90, (background,))
    (layer,) = build(facts, {}).layers
    assert layer.extend == ("loop" if loop == "yes" else "hold")


@pytest.mark.parametrize(("value", "chosen"), [("", ""), (90, "90"), (-37, "-37")])
def test_an_angle_that_no_choice_names_stays_chosen_on_the_form(value: int | str, chosen: str) -> None:
    offer = next(one for one in Procedural().offers("background") if one.name == "palace")
    angle = next(one for one in offer.parameters if one.name == "key_azimuth")
    page = render_to_string("generation/_control.html", {"one": angle, "value": value, "id": "x", "pictures": {}})
    assert re.findall(r'<option value="([^"]*)" selected', page)[-1] == chosen
