"""A person turns the studio to Chinese on the way in, and back again from their own pages."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_S, PHONE
from tests.cast import PASSWORD, make_cast
from tests.factories import make_shot, make_version

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LATIN_WORD = re.compile(r"\b[a-z]{4,}\b")


@pytest.fixture
def shot():
    return make_shot(title="雨夜重逢", description="林夏抬头。")


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


@pytest.fixture
def page(browser: Browser, live_server):
    context = browser.new_context(base_url=live_server.url, locale="en-GB", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    yield page
    context.close()


def speaks(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))


def test_chinese_from_the_sign_in_page_to_the_board_and_back_to_english(page, shot, cast, live_server):
    board = f"/p/{shot.production.slug}/EP01/"
    page.goto(board)
    speaks(page, "en")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    speaks(page, "zh")
    page.locator("input[name=login]").fill(cast.dan.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"**{board}")
    speaks(page, "zh")
    tabs = page.locator("nav.tabs")
    expect(tabs.get_by_text("看板", exact=True)).to_be_visible()
    expect(page.get_by_text("雨夜重逢").first).to_be_visible()
    assert not LATIN_WORD.search(tabs.inner_text())

    page.get_by_label(re.compile("的账号$")).click()
    page.get_by_role("link", name="个人资料与令牌").click()
    expect(page.get_by_role("heading", name="个人信息")).to_be_visible()
    page.locator("select[name=language]").select_option("en")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    speaks(page, "en")
    page.goto(board)
    expect(page.locator("nav.tabs").get_by_text("Board", exact=True)).to_be_visible()


def test_the_menu_turns_the_page_one_stands_on(sign_in, shot, cast):
    here = sign_in(cast.dan)
    address = f"/p/{shot.production.slug}/EP01/{shot.path_code}/"
    here.goto(address)
    speaks(here, "en")
    here.get_by_label(re.compile("^Account of")).click()
    here.get_by_role("button", name="中文").click()
    expect(here.get_by_role("heading", name="图层")).to_be_visible()
    speaks(here, "zh")
    assert here.url.endswith(address)


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desk", "phone"])
def test_chinese_pages_are_no_wider_than_the_screen(sign_in, shot, cast, viewport, live_server):
    here = sign_in(cast.priya, viewport=viewport)
    here.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": live_server.url}])
    slug = shot.production.slug
    own = f"EP01/{shot.path_code}/"
    make_version(shot, state="in_review", created_by=cast.cleo)
    places = ["", "EP01/", own, f"{own}takes/", f"{own}comp/", f"{own}review/", "EP01/cut/", "EP01/release/"]
    for place in [*places, "footage/", "review/", "ledger/", "jobs/", "team/", "rates/", "consents/"]:
        here.goto(f"/p/{slug}/{place}")
        speaks(here, "zh")
        width = here.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{place} is {width} px too wide"
