"""The draw table under an AI artist's hand: eight drawn, five binned, two held behind the actor, one used, replayed."""

import pytest

from studio.core.templatetags.huo import money
from studio.generation import previews, services, totals
from studio.generation.models import Draw
from studio.jobs.models import Job
from studio.productions.models import Rate
from tests.browser.conftest import PHONE, until
from tests.browser.test_comps_page import worker  # noqa: F401 (a fixture)
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import fill, make_artefact, make_episode, make_production, make_scene, make_shot
from tests.studio.comps_footage import FRAMES, write_footage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
COUNT = "() => document.querySelectorAll('#sheet-cards > li.draw').length"
RED = """() => [...document.querySelectorAll("#compare [data-shot-look]")].every((image) => {
  if (image.hidden || !image.naturalWidth) return false;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const [red, green, blue] = pen.getImageData(canvas.width * 0.47, canvas.height * 0.7, 1, 1).data;
  return red > green + 30 && red > blue + 30;
})"""


@pytest.fixture
def layer(tmp_path):
    """A background to be drawn behind a red box that was filmed before green."""
    production = make_production(width=216, height=384, draw_cap_minor=5_000)
    Rate.objects.create(production=production, key="cpu_hour", amount_minor=72_000, source="t", valid_from="2026-01-01")
    shot = make_shot(make_scene(make_episode(production)), duration_frames=48)
    take, _plate = write_footage(tmp_path)
    film = {"width": 72, "height": 128, "frame_count": FRAMES, "fps_num": 24, "fps_den": 1, "has_alpha": False}
    fill(shot.layers.get(kind="actor"), artefact=make_artefact(production, take), media=film)
    return shot.layers.get(kind="background")


def opened(page, layer):
    shot = layer.shot
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/draws/{layer.pk}/")
    page.wait_for_selector("form.ask:not([hidden]) .quote")


def drawn(page):
    drain_jobs()
    until(page, "() => !document.querySelector('li.draw[data-working]')", 30)


def focused(page):
    return page.evaluate("() => document.activeElement.dataset.draw")


def test_an_ai_artist_draws_bins_compares_uses_and_replays(layer, worker, sign_in, shots_folder):  # noqa: F811
    ana = make_cast(layer.shot.production).ana
    page = sign_in(ana)
    opened(page, layer)
    assert page.locator("#sheet-empty").is_visible()
    page.click("[data-family='procedural-office']")
    form = page.locator("form.ask:not([hidden])")
    form.locator("[name=count]").fill("8")
    until(page, "() => document.querySelector('form.ask:not([hidden]) .quote')?.textContent.includes('8 draws')")
    assert "¥" in form.locator("[data-quote-draft]").inner_text() and not Draw.objects.exists()
    form.locator("[data-draft]").click()
    until(page, f"{COUNT} === 8")
    first = services.seed_family(layer)
    seeds = page.eval_on_selector_all("li.draw", "cards => cards.map((card) => Number(card.dataset.seed))")
    assert seeds == list(range(first, first + 8))
    drawn(page)
    assert page.locator("li.draw .poster > img").count() == 8

    # Five into the bin by keys, each with a reason; one bin taken back and done again.
    page.locator("#main").focus()
    page.keyboard.press("ArrowRight")
    for number in range(1, 6):
        page.keyboard.press("x")
        page.keyboard.press(str(number))
        until(page, f"{COUNT} === {8 - number}")
        assert focused(page)
    page.keyboard.press("z")
    until(page, f"{COUNT} === 4")
    page.locator("#sheet-cards > li.draw").first.focus()
    page.keyboard.press("x")
    page.keyboard.type("the signs fight the face")
    page.keyboard.press("Enter")
    until(page, f"{COUNT} === 3")
    binned = Draw.objects.filter(state="binned")
    assert binned.count() == 5 and "the signs fight the face" in set(binned.values_list("bin_reason", flat=True))
    assert len(set(binned.values_list("bin_reason", flat=True))) == 5

    # Two against each other, as they are and then behind the actor, by the engine itself.
    page.locator("#sheet-cards > li.draw").first.focus()
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    page.wait_for_selector("#compare[open]")
    page.keyboard.press("w")
    assert page.locator(".wipeline").is_visible()
    page.keyboard.press("b")
    until(page, RED, 180)  # the engine starts, and may have kernels to compile
    left, right = (page.get_attribute(f"[data-side={side}] [data-shot-look]", "src") for side in "AB")
    assert left != right and "/comp/preview/" in left
    page.keyboard.press("1")
    until(page, "() => document.querySelector('[data-side=A] [data-do=star]').getAttribute('aria-pressed') === 'true'")
    if shots_folder:
        page.screenshot(path=shots_folder / "draws-behind-actor.png")
    page.click("[data-side=A] [data-do=use]")
    page.wait_for_selector("#compare", state="hidden")
    until(page, f"{COUNT} === 4")
    drawn(page)
    until(page, "() => document.querySelector('li.draw[data-state=promoted]')")
    final = Draw.objects.get(state="promoted")
    layer.refresh_from_db()
    assert layer.element_id and final.final_of.state == "starred" and not final.draft
    assert (final.recipe["width"], final.recipe["seed"]) == (216, final.final_of.seed)

    # What it cost, and the same bytes once more.
    total = page.locator("[data-total=layer]").inner_text()
    figures = totals.of_layer(layer)
    assert (figures.made, figures.kept) == (8, 1) and "1 of 8 kept" in total and "12 %" in total
    assert money(figures.spent_minor, "CNY") in total and figures.spent_minor == sum(
        Draw.objects.values_list("cost_minor", flat=True)
    )
    page.locator("li.draw[data-state=promoted]").focus()
    page.keyboard.press("i")
    page.locator("#draw-papers [data-replay-form] button").click()
    page.wait_for_selector("#draw-papers [data-badge=replaying]")
    drain_jobs()
    page.wait_for_selector("#draw-papers [data-badge=bit_exact]")
    page.keyboard.press("Escape")
    page.wait_for_selector("li.draw[data-state=promoted] [data-replay=bit_exact]")


def test_a_waiting_draw_is_cancelled_on_its_card_and_booked_apart(layer, sign_in, tmp_path):
    page = sign_in(make_cast(layer.shot.production).ana, viewport=PHONE)
    opened(page, layer)
    page.locator("form.ask:not([hidden]) [name=count]").fill("2")
    page.locator("form.ask:not([hidden]) [data-draft]").click()
    until(page, f"{COUNT} === 2")
    # One begins: how far it is and what it looks like so far stand on its card.
    _waiting, begun = Draw.objects.order_by("seed")
    services.start(draw=begun)
    Job.objects.filter(pk=begun.job_id).update(state="leased", progress_done=3, progress_total=20)
    previews.keep(begun.pk, write_footage(tmp_path)[1].read_bytes())
    card = page.locator(f"#draw-{begun.pk}")
    until(page, f"() => !document.querySelector('#draw-{begun.pk} [data-look]').hidden")
    assert card.locator("[data-progress-words]").inner_text().startswith("Step 3 of 20")
    Job.objects.filter(pk=begun.job_id).update(state="queued", progress_done=0, progress_total=0)
    page.locator("li.draw form[data-act=cancel] button").first.tap()
    until(page, f"{COUNT} === 1")
    assert "1 cancelled" in page.locator("[data-total=layer]").inner_text()
    drawn(page)
    page.locator("li.draw details.more summary").tap()
    page.locator("li.draw [data-like]").tap()
    page.wait_for_selector(".likethis")
    page.click(".likethis a[href*='varies=settings']")
    page.wait_for_selector("form.ask:not([hidden]) [name=seed][readonly]")
    assert sorted(Draw.objects.values_list("state", flat=True)) == ["cancelled", "done"]


def test_what_the_budget_stops_cannot_be_pressed_and_says_who_may_lift_it(layer, sign_in):
    cast = make_cast(layer.shot.production)
    type(layer.shot.production).objects.update(draw_cap_minor=1)
    page = sign_in(cast.ana)
    opened(page, layer)
    page.locator("form.ask:not([hidden]) [name=count]").fill("16")
    until(page, "() => document.querySelector('form.ask:not([hidden]) [data-draft]').disabled")
    assert "Priya Rao" in page.locator("form.ask:not([hidden]) .quote").inner_text()
    assert not Draw.objects.exists()
