"""A real browser over the pages: found on the system, and a server in this process."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_S = 40  # two lanes share the machine; only what fails waits this long
# Playwright's own loop runs in the tests' thread; Django would refuse the database under it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=PATIENCE_S * 1000)
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def found() -> str | None:
    """The browser named by HUO_BROWSER, else one of the system's; None: playwright's own, if it has one."""
    return os.environ.get("HUO_BROWSER") or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One at a time in a process: playwright's loop runs in the tests' thread until this ends."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=found(), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`sign_in(user)` opens a page as that person; `viewport=PHONE` on a phone. Errors in the page fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(user: Any, viewport: dict[str, int] = DESKTOP) -> Page:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        context = browser.new_context(base_url=live_server.url, viewport=viewport, has_touch=viewport is PHONE)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    all_answered()
    assert faults == [], "scripts failed in the page"


def all_answered() -> None:
    """Wait until no request is at work in the database any more: emptying the tables under one would lock up."""
    busy = """SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
    deadline = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(busy)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.02)


def until(page: Page, expression: str, seconds: float = PATIENCE_S) -> None:
    """Wait until a JavaScript expression holds. (Playwright's own wait needs eval, which the page's policy forbids.)"""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"it never came to: {expression}"
        page.wait_for_timeout(20)


@pytest.fixture
def shots_folder() -> Path | None:
    """Where pictures of the pages go when HUO_SCREENSHOTS names a folder."""
    folder = os.environ.get("HUO_SCREENSHOTS")
    return Path(folder) if folder else None
