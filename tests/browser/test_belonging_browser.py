"""Does the actor belong: the light over the picture, the background mirrored and drawn again in the actor's light."""

import subprocess
import sys

import pytest

from compositing import sandbox
from studio.generation import services
from studio.generation.models import Draw
from studio.productions.models import Rate
from tests.browser.conftest import until
from tests.browser.test_comps_page import SHOWN, worker  # noqa: F401  (the fixture)
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import fill, make_artefact, make_episode, make_production, make_scene, make_shot

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PROGRAM = """
import sys
import numpy as np
from compositing.colour import decode_srgb
from tests.compositing.heads import head
from tests.compositing.takes import film
from pathlib import Path
face, matte = head(50, 20, size=(216, 384))
green = decode_srgb(np.array((58, 158, 74)) / 255.0).astype(np.float32)
film(Path(sys.argv[1]), [face + (1 - matte[..., None]) * green] * 3)
"""


@pytest.fixture
def shot(tmp_path):
    """A head lit from the right at 50 degrees, before an office whose key is asked for from the left."""
    production = make_production(width=216, height=384)
    Rate.objects.create(production=production, key="cpu_hour", amount_minor=36_000, source="t", valid_from="2026-01-01")
    row = make_shot(make_scene(make_episode(production)), duration_frames=3)
    take = tmp_path / "take.mp4"
    subprocess.run([sys.executable, "-c", PROGRAM, str(take)], check=True, cwd=sandbox.ROOT)
    media = {"width": 216, "height": 384, "frame_count": 3, "fps_num": 24, "fps_den": 1, "has_alpha": False}
    fill(row.layers.get(kind="actor"), artefact=make_artefact(production, take), media=media)
    return row


def test_a_background_is_mirrored_and_lit_like_the_actor(shot, worker, sign_in):  # noqa: F811
    cast = make_cast(shot.production)
    ground = shot.layers.get(kind="background")
    params = {"light": "night", "key_azimuth": -60}
    asked = {"actor": cast.vera, "layer": ground, "family": "office", "params": params, "seed": 3, "draft": False}
    services.request_draws(**asked, use_when_done=True)
    drain_jobs()
    page = sign_in(cast.vera)
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN, 180)
    until(page, "() => document.querySelector('[data-say=\"actor\"]').textContent.includes('the right')")
    assert "the left" in page.text_content("[data-say='background']")

    # The arrows, the fan and the horizon stand over the picture; the line is dragged by keys and taken back.
    page.keyboard.press("r")
    page.keyboard.press("u")
    assert page.locator("#comp-guides .guide-light").count() == 4 and page.locator("[data-warn]").count()
    page.focus("[data-horizon]")
    page.keyboard.press("ArrowDown")
    until(page, f"() => !document.querySelector('[data-horizon-auto]').hidden && '{ground.pk}'")
    page.click("#comp-undo")
    until(page, "() => document.querySelector('[data-horizon-auto]').hidden")

    page.click("[data-mirror]")
    until(page, "() => document.querySelector('[data-say=\"background\"]').textContent.includes('the right')")
    page.click("#comp-undo")
    until(page, "() => document.querySelector('[data-say=\"background\"]').textContent.includes('the left')")

    # The same place in the actor's light: behind the actor as a draft, then taken.
    page.click("[data-needs-light]")
    page.wait_for_selector("#comp-relight .job")
    drain_jobs()
    page.evaluate("() => htmx.trigger('#comp-relight', 'live')")
    page.wait_for_selector("[data-behind-toggle]")
    until(page, "() => document.querySelector('[data-say=\"background\"]').textContent.includes('the right')", 90)
    page.click("#comp-relight .primary")
    page.wait_for_selector("#comp-relight .job")
    drain_jobs()
    ground.refresh_from_db()
    drawn = Draw.objects.get(element=ground.element)
    assert abs(drawn.recipe["params"]["key_azimuth"] - 50) <= 15 and (drawn.seed, drawn.draft) == (3, False)
