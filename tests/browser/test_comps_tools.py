"""The comp page's tools under a hand, by the real engine: masks with keys, eyedropper, wipe, views, history, loupe."""

import pytest

from studio.comps import selectors, services
from tests.browser.conftest import PHONE, until
from tests.browser.test_comps_page import SHOWN, worker  # noqa: F401 (a fixture)
from tests.cast import make_cast
from tests.studio.comps_footage import make_filled_shot, write_footage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# The colour the picture has at parts x, y of itself; what is drawn over it is not in it.
PIXEL = """([id, x, y]) => {
  const image = document.getElementById(id), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  return [...pen.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data].slice(0, 3);
}"""
# The server has stored it; the page hears of it half a second later.
ANSWERED_LATE = """() => {
  const real = window.fetch;
  window.fetch = async (...all) => {
    const answer = await real(...all);
    await new Promise((done) => setTimeout(done, 500));
    return answer;
  };
}"""
FRESH = "() => document.getElementById('comp-picture').dataset.preview === 'fresh'"


@pytest.fixture
def shot(tmp_path):
    """A red box before green that moves right by a pixel a frame, over blue: 72 by 128, ten frames."""
    return make_filled_shot(*write_footage(tmp_path))


def opened(page, shot):
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN, 180)  # the engine starts, and may have kernels to compile
    return str(shot.layers.get(kind="actor").pk)


def colour(page, x, y, image="comp-still"):
    return page.evaluate(PIXEL, [image, x, y])


def reddish(rgb):
    return rgb[0] > rgb[2] + 30


def until_colour(page, wanted, x, y, image="comp-still"):
    """Wait until the picture is reddish there, or is not."""
    for _ in range(300):
        if reddish(colour(page, x, y, image)) is wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{image} at {x}, {y} stayed {colour(page, x, y, image)}")


def place(page, x, y):
    box = page.locator("#comp-frame-a").bounding_box()
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def saved_masks(shot, actor):
    return selectors.settings_of(shot).values.get(actor, {}).get("masks", [])


def until_saved(page, test):
    for _ in range(200):
        if test():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it was never saved")


def test_a_garbage_polygon_is_drawn_keyed_moved_and_undone(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo)
    actor = opened(page, shot)
    until_colour(page, True, 0.42, 0.5)
    page.keyboard.press("g")
    for x, y in ((0.2, 0.4), (0.7, 0.4), (0.7, 0.6), (0.2, 0.6)):
        page.mouse.click(*place(page, x, y))
    page.keyboard.press("Enter")
    until_colour(page, False, 0.42, 0.5)
    assert reddish(colour(page, 0.42, 0.8))
    until_saved(page, lambda: len(saved_masks(shot, actor)) == 1)
    (mask,) = saved_masks(shot, actor)
    assert (mask["kind"], [key["frame"] for key in mask["keys"]]) == ("garbage", [0])
    assert all(abs(a - b) < 120 for a, b in zip(mask["keys"][0]["points"][0], (2000, 4000), strict=True))

    # At the last frame it is pushed down: that makes a key there, and half way it is half way down.
    page.keyboard.press("End")
    page.mouse.move(*place(page, 0.3, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 0.3, 0.7), steps=5)
    page.mouse.up()
    until_saved(page, lambda: len(saved_masks(shot, actor)[0]["keys"]) == 2)
    until_colour(page, True, 0.5, 0.45)
    until_colour(page, False, 0.5, 0.75)
    assert page.locator(".comp-key:visible").count() == 2
    page.keyboard.press(",")
    assert page.input_value("#comp-number") == "1001"
    page.keyboard.press(".")
    assert page.input_value("#comp-number") == "1010"

    # One point by keys, quicker than the server answers, then everything back, step by step.
    page.evaluate(ANSWERED_LATE)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.point") == "0"
    page.keyboard.press("Shift+ArrowLeft")
    until_saved(page, lambda: saved_masks(shot, actor)[0]["keys"][1]["points"][0][0] < 1000)
    page.keyboard.press("Insert")
    until_saved(page, lambda: len(saved_masks(shot, actor)[0]["keys"][0]["points"]) == 5)
    page.keyboard.press("Delete")
    until_saved(page, lambda: len(saved_masks(shot, actor)[0]["keys"][0]["points"]) == 4)
    assert page.evaluate("document.activeElement.dataset.point") == "0"
    for _ in range(5):
        page.click("#comp-undo")
        until(page, "() => !document.getElementById('comp-undo').matches(':active')")
    until_saved(page, lambda: saved_masks(shot, actor) == [])
    until_colour(page, True, 0.5, 0.7)


def test_a_holdout_keeps_what_the_key_takes_and_can_be_switched_off(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo)
    opened(page, shot)
    page.keyboard.press("m")
    until(page, FRESH)
    page.click("[data-draw='holdout']:visible")
    for x, y in ((0.1, 0.05), (0.5, 0.05), (0.5, 0.2), (0.1, 0.2)):
        page.mouse.click(*place(page, x, y))
    page.mouse.click(*place(page, 0.1, 0.05))  # the first point closes it
    until_colour_is(page, 255, 0.3, 0.12)
    page.click("[data-mask-eye]:visible")
    until_colour_is(page, 0, 0.3, 0.12)


def until_colour_is(page, level, x, y):
    for _ in range(300):
        if abs(colour(page, x, y)[0] - level) < 12:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the picture at {x}, {y} stayed {colour(page, x, y)}")


def test_the_eyedropper_takes_a_patch_and_automatic_returns(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo)
    actor = opened(page, shot)
    page.keyboard.press("i")
    until(page, "() => document.getElementById('comp-picture').classList.contains('picking')")
    until(page, FRESH)
    until_green(page, 0.2, 0.15)
    page.mouse.move(*place(page, 0.1, 0.08))
    page.mouse.down()
    page.mouse.move(*place(page, 0.4, 0.25), steps=4)
    assert page.is_visible("#comp-patch") and page.is_visible("#comp-lens")
    page.mouse.up()
    until_saved(page, lambda: "screen_hue_milli" in selectors.settings_of(shot).values.get(actor, {}))
    hue = selectors.settings_of(shot).values[actor]["screen_hue_milli"]
    assert abs(hue * 0.36 - 129) < 4  # (40, 170, 60)
    assert not page.is_visible("#comp-lens")
    page.click(f"[data-key='{actor}.screen_hue_milli'] [data-auto]")
    until_saved(page, lambda: selectors.settings_of(shot).values == {})

    # On the actor: it says what that would do, and offers the way back.
    page.keyboard.press("i")
    until(page, FRESH)
    until_green(page, 0.2, 0.15)
    page.mouse.click(*place(page, 0.45, 0.6))
    page.click(".toast:has-text('Skin has this colour') button")
    until_saved(page, lambda: selectors.settings_of(shot).values == {})


def until_green(page, x, y):
    for _ in range(300):
        r, g, b = colour(page, x, y)
        if g > r + 40 and g > b + 40:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the plate never came")


def test_the_picture_is_held_against_an_earlier_state_and_gone_back_to(shot, worker, sign_in):  # noqa: F811
    cast = make_cast(shot.production)
    actor = str(shot.layers.get(kind="actor").pk)
    services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": 0}})
    services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"opacity_milli": 0}})
    page = sign_in(cast.cleo)
    opened(page, shot)
    until_colour(page, False, 0.42, 0.6)
    page.keyboard.press("w")
    page.wait_for_selector("#comp-other:not([hidden])")
    until_colour(page, True, 0.42, 0.6, "comp-other")  # the state before, by the engine
    line = page.locator("#comp-wipe")
    line.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert line.get_attribute("aria-valuenow") == "60"
    page.mouse.move(*place(page, 0.6, 0.5))
    page.mouse.down()
    page.mouse.move(*place(page, 0.2, 0.5), steps=4)
    page.mouse.up()
    assert abs(int(line.get_attribute("aria-valuenow")) - 20) <= 2
    page.keyboard.press("b")
    until(page, "() => document.getElementById('comp-wipe').hidden")
    assert page.is_visible("#comp-label-b") and page.is_visible("#comp-other")
    page.keyboard.press("e")
    assert page.is_visible("#comp-frame-b #comp-other")
    page.keyboard.press("Escape")
    assert not page.is_visible("#comp-other")

    page.keyboard.press("y")
    page.wait_for_selector("#comp-history .comp-step")
    assert page.locator(".comp-step").count() == 3
    page.locator(".comp-step [data-go]").nth(1).click()
    until_colour(page, True, 0.42, 0.6)
    assert selectors.settings_of(shot).values == {"match": {"wrap_milli": 0}}
    page.wait_for_selector("#comp-redo:not([disabled])")


def test_views_have_keys_and_the_loupe_shows_the_masters_pixels(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo)
    opened(page, shot)
    page.keyboard.press("s")
    assert page.get_attribute("[data-view='status']", "aria-selected") == "true"
    until_colour_is(page, 255, 0.45, 0.7)
    until_colour_is(page, 0, 0.1, 0.1)
    page.keyboard.press("f")
    assert page.is_visible("#comp-backings")
    for _ in range(3):
        page.keyboard.press("f")
    assert page.get_attribute("[data-backing='foreground_red']", "aria-checked") == "true"
    until_colour(page, True, 0.1, 0.1)
    page.keyboard.press("z")
    page.mouse.move(*place(page, 0.1, 0.1))
    until(page, "() => !document.getElementById('comp-lens').hidden")
    seen = """() => { const c = document.querySelector('#comp-lens canvas'), at = c.width / 2;
      const [r, , b] = c.getContext('2d').getImageData(at + 30, at + 30, 1, 1).data; return r > b + 30; }"""
    until(page, seen)
    page.mouse.click(*place(page, 0.1, 0.1))
    assert page.locator("#comp-lens[data-pinned]").count() == 1
    page.keyboard.press("Escape")
    assert not page.is_visible("#comp-lens")
    page.keyboard.press("?")
    assert page.is_visible("#comp-help")


def test_a_picture_that_could_not_be_had_says_so_and_goes_away_with_the_next(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo)
    opened(page, shot)
    page.context.set_offline(True)
    page.keyboard.press("ArrowRight")
    until(page, "() => document.getElementById('comp-picture').dataset.preview === 'stale'")
    assert "can't be reached" in page.inner_text("#comp-picture .error-here")
    assert page.inner_text("#comp-working") == "earlier picture"
    page.context.set_offline(False)
    page.keyboard.press("ArrowLeft")  # back to the frame that is on screen still
    until(page, FRESH)
    until(page, "() => !document.querySelector('#comp-picture .error-here')")
    page.keyboard.press("ArrowRight")
    until(page, FRESH)


def test_a_finger_draws_on_a_phone(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).cleo, PHONE)
    actor = opened(page, shot)
    button = page.locator("[data-draw='garbage']:visible")
    button.scroll_into_view_if_needed()
    button.tap()
    page.wait_for_timeout(200)  # the page comes to rest before it is measured
    for x, y in ((0.2, 0.4), (0.7, 0.4), (0.7, 0.6), (0.2, 0.6), (0.2, 0.4)):
        page.touchscreen.tap(*place(page, x, y))
        page.wait_for_timeout(350)  # no double tap
    until_saved(page, lambda: len(saved_masks(shot, actor)) == 1)
    until_colour(page, False, 0.42, 0.5)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_who_may_not_comp_looks_at_masks_and_draws_none(shot, worker, sign_in):  # noqa: F811
    page = sign_in(make_cast(shot.production).priya)
    opened(page, shot)
    page.keyboard.press("g")
    assert page.locator("[data-draw]").count() == 0
    assert page.get_attribute("#comp-shapes", "data-drawing") is None
