"""The board in real browsers: keys and dragging move shots, changes appear at a colleague's, phones can use it."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from studio.productions import services
from studio.productions.models import Shot
from tests.browser.conftest import all_answered
from tests.cast import make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot
from tests.web import Web

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nobody_stays(browser, transactional_db):
    """Pages are closed, and their last requests answered, before the tables are emptied."""
    yield
    for context in browser.contexts:
        context.close()
    all_answered()


@pytest.fixture
def episode():
    episode = make_episode(make_production())
    scene = make_scene(episode)
    for title in ("City in the rain", "Lin Xia reads the letter", "Lightning", "She looks up"):
        make_shot(scene, title=title)
    return episode


@pytest.fixture
def cast(episode):
    return make_cast(episode.production)


@pytest.fixture(scope="module")
def web(django_db_setup):
    with Web() as web:
        yield web


def signed_in(browser, web, person, **how) -> Page:
    """A browser of its own in which `person` is signed in already."""
    client = Client()
    client.force_login(person)
    context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | how))
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web.url}])
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    return page


def on_board(browser, web, person, episode, **how) -> Page:
    page = signed_in(browser, web, person, **how)
    page.goto(f"{web.url}/p/{episode.production.slug}/{episode.code}/")
    expect(page.locator(".shotcard")).to_have_count(4)
    return page


def order(page: Page) -> list[str]:
    return [
        code[-3:] for code in page.locator(".shotcard").evaluate_all("cards => cards.map(card => card.dataset.code)")
    ]


def stored(episode) -> list[str]:
    return [shot.code[-3:] for shot in Shot.objects.filter(scene__episode=episode).order_by("order")]


def test_the_keyboard_walks_moves_and_opens(browser, web, cast, episode):
    page = on_board(browser, web, cast.dan, episode)
    page.locator("#card-EP01_SC01_SH010").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#card-EP01_SC01_SH020")).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    assert order(page) == ["010", "030", "040", "020"]
    expect(page.locator("#said")).to_have_text("EP01_SC01_SH020 is number 4 of 4 now.")
    expect(page.locator(".toast")).to_contain_text("moved after EP01_SC01_SH040")
    assert stored(episode) == ["010", "030", "040", "020"]
    expect(page.locator("#card-EP01_SC01_SH020")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".shotcard").nth(2)).to_have_attribute("data-code", "EP01_SC01_SH020")
    page.locator("#card-EP01_SC01_SH020").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("SC01_SH020/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lin Xia reads the letter")
    assert page.faults == []


def test_dragging_moves_a_card_and_is_no_click(browser, web, cast, episode):
    page = on_board(browser, web, cast.eddie, episode)
    first, third = page.locator(".shotcard").nth(0).bounding_box(), page.locator(".shotcard").nth(2).bounding_box()
    page.mouse.move(first["x"] + 60, first["y"] + 90)
    page.mouse.down()
    page.mouse.move(first["x"] + 90, first["y"] + 95, steps=4)
    page.mouse.move(third["x"] + third["width"] - 20, third["y"] + 90, steps=8)
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("moved after")
    assert order(page) == stored(episode) == ["020", "030", "010", "040"]
    assert page.url.endswith("/EP01/") and page.locator(".ghost").count() == 0
    assert page.faults == []


def test_who_may_not_cut_drags_nothing(browser, web, cast, episode):
    page = on_board(browser, web, cast.cleo, episode)
    page.locator("#card-EP01_SC01_SH010").focus()
    page.keyboard.press("Alt+ArrowRight")
    assert order(page) == ["010", "020", "030", "040"]


def aside(page: Page, web, episode, code: str, what: str) -> None:
    """A colleague opens the shot's page and chooses `what` from its menu."""
    page.goto(f"{web.url}/p/{episode.production.slug}/EP01/{code}/")
    page.locator("#head").get_by_label("More").click()
    page.get_by_role("button", name=what).last.click()
    page.wait_for_load_state()


def test_a_change_appears_at_a_colleagues_without_a_reload(browser, web, cast, episode):
    page, other = on_board(browser, web, cast.cleo, episode), signed_in(browser, web, cast.dan)
    page.mouse.move(5, 5)
    card = page.locator(".shotcard[data-code=EP01_SC01_SH030]")
    aside(other, web, episode, "SC01_SH030", "Put on hold")
    expect(card).to_contain_text("On hold")
    # Under the pointer nothing jumps: the card waits until the hand has left.
    card.hover()
    aside(other, web, episode, "SC01_SH030", "Bring it back")
    expect(card).to_have_class(re.compile("stale"))
    expect(card).to_contain_text("On hold")
    page.mouse.move(5, 5)
    expect(card).to_contain_text("Planned")
    other.goto(f"{web.url}/p/{episode.production.slug}/EP01/")
    other.locator("#card-EP01_SC01_SH030").focus()
    other.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".shotcard").nth(1)).to_have_attribute("data-code", "EP01_SC01_SH030")
    assert page.faults == other.faults == []


def test_what_was_missed_while_the_line_was_down_is_made_up(browser, cast, episode):
    web = Web().__enter__()
    page = on_board(browser, web, cast.cleo, episode)
    page.mouse.move(5, 5)
    card = page.locator(".shotcard[data-code=EP01_SC01_SH020]")
    web.__exit__()
    services.hold_shot(actor=cast.dan, shot=Shot.objects.get(code="EP01_SC01_SH020", production=episode.production))
    expect(page.locator(".offline")).to_be_visible(timeout=20_000)
    with web:
        expect(card).to_contain_text("On hold", timeout=20_000)
        expect(page.locator(".offline")).to_have_count(0)


def test_typing_filters_and_the_address_follows(browser, web, cast, episode):
    page = on_board(browser, web, cast.dan, episode)
    page.keyboard.press("/")
    page.keyboard.type("letter")
    expect(page.locator(".shotcard")).to_have_count(1)
    assert page.url.endswith("?q=letter")
    page.reload()
    expect(page.locator(".shotcard")).to_have_count(1)


def test_a_phone_shows_two_columns_and_targets_for_fingers(browser, web, cast, episode):
    page = on_board(
        browser, web, cast.dan, episode, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = [page.locator(".shotcard").nth(n).bounding_box() for n in range(3)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"]
    for target in page.locator(".chip, .tabs a, .search input").all():
        assert target.bounding_box()["height"] >= 44
