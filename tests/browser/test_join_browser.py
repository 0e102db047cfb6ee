"""A link from a producer, followed in a browser that has never been here."""

import pytest
from django.db import transaction

from studio.productions import people
from tests.browser.conftest import all_answered
from tests.cast import make_cast
from tests.factories import make_production

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_whoever_is_invited_joins_by_the_link(browser, live_server):
    """A browser sends `Origin` with the form; a test client does not, and so never met the page's own policy."""
    production = make_production()
    cast = make_cast(production)
    with transaction.atomic():
        _invitation, address = people.invite(
            actor=cast.priya, production=production, email="nadia@huo.test", role="director", link="/join/{}/".format
        )
    page = browser.new_page(base_url=live_server.url)
    page.goto(address)
    page.get_by_label("Your name").fill("Nadia Roy")
    page.get_by_label("Choose a password").fill("a-lake-town-at-dusk")
    page.get_by_role("button", name="Join the production").click()
    page.wait_for_url(f"**/p/{production.slug}/")
    assert production.title in page.text_content("h1")
    page.close()
    all_answered()
