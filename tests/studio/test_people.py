"""Joining, roles, tokens, language: what people do with themselves and each other."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from studio.accounts.models import ApiToken, User
from studio.core.errors import Conflict, Forbidden, NotThere
from studio.ledger.models import Entry
from studio.productions import people
from studio.productions.models import Invitation, Membership, Role
from tests.cast import PASSWORD, make_cast, make_user
from tests.factories import make_production

pytestmark = pytest.mark.django_db


@pytest.fixture
def production():
    return make_production()


@pytest.fixture
def cast(production):
    return make_cast(production)


def link(secret):
    return f"http://huo.test/join/{secret}/"


def invited(cast, production, email="lin@huo.test", **fields):
    invitation, address = people.invite(
        actor=cast.priya, production=production, email=email, link=link, **({"role": "compositor"} | fields)
    )
    return invitation, address.rstrip("/").rsplit("/", 1)[1]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_an_invited_person_joins_with_name_and_password(cast, production, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        _invitation, secret = invited(cast, production)
    assert link(secret) in mail.outbox[-1].body
    client = Client()
    page = client.get(f"/join/{secret}/")
    assert "lin@huo.test" in page.content.decode() and page["Referrer-Policy"] == "strict-origin"
    answer = client.post(f"/join/{secret}/", {"name": "Lin Chen", "password": "a-lake-town-at-dusk"})
    assert answer.status_code == 302
    member = Membership.objects.get(production=production, user__email="lin@huo.test")
    assert member.role == Role.COMPOSITOR and str(member.user) == "Lin Chen"
    assert client.get(f"/p/{production.slug}/").status_code == 200
    assert Entry.objects.filter(production_id=production.pk, verb="member.joined").exists()


def test_a_link_joins_once(cast, production):
    _invitation, secret = invited(cast, production)
    people.join_as_new(secret=secret, name="Lin", password="a-lake-town-at-dusk")
    with pytest.raises(NotThere, match="used already"):
        people.invitation_of(secret)
    assert Client().get(f"/join/{secret}/").status_code == 404


def test_a_withdrawn_an_expired_and_an_unknown_link_say_so(cast, production):
    invitation, secret = invited(cast, production)
    people.revoke_invitation(actor=cast.priya, invitation=invitation)
    with pytest.raises(NotThere, match="withdrawn"):
        people.invitation_of(secret)
    late, second = invited(cast, production)
    Invitation.objects.filter(pk=late.pk).update(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(NotThere, match="expired"):
        people.invitation_of(second)
    with pytest.raises(NotThere, match="leads nowhere"):
        people.invitation_of("made-up")


def test_a_new_invitation_makes_the_older_link_useless(cast, production):
    _first, old = invited(cast, production)
    _second, fresh = invited(cast, production)
    with pytest.raises(NotThere):
        people.invitation_of(old)
    assert people.invitation_of(fresh)


def test_who_has_an_account_joins_when_signed_in_and_nobody_else_does(cast, production):
    second = make_production()
    Membership.objects.create(production=second, user=cast.priya, role=Role.PRODUCER)
    _invitation, secret = invited(cast, second, email=cast.otto.email, role="editor")
    with pytest.raises(Forbidden, match="signed in as"):
        people.accept(user=cast.cleo, secret=secret)
    with pytest.raises(Conflict, match="has an account"):
        people.join_as_new(secret=secret, name="False Otto", password="a-lake-town-at-dusk")
    assert signed_in(cast.otto).post(f"/join/{secret}/").status_code == 302
    assert second.memberships.get(user=cast.otto).role == Role.EDITOR


def test_a_weak_password_is_refused_beside_the_field(cast, production):
    _invitation, secret = invited(cast, production)
    answer = Client().post(f"/join/{secret}/", {"name": "Lin", "password": "password"})
    assert answer.status_code == 422 and "too common" in answer.content.decode()
    assert not User.objects.filter(email="lin@huo.test").exists()


def test_only_the_producer_invites(cast, production):
    with pytest.raises(Forbidden):
        people.invite(actor=cast.dan, production=production, email="x@huo.test", role="editor", link=link)
    with pytest.raises(NotThere):
        people.invite(actor=cast.otto, production=production, email="x@huo.test", role="editor", link=link)


def test_what_a_guest_may_is_kept_for_guests_alone(cast, production):
    invitation, _secret = invited(cast, production, role="compositor", guest_may_note=True, guest_may_decide=True)
    assert not invitation.guest_may_note and not invitation.guest_may_decide
    guest, _secret = invited(cast, production, email="g@huo.test", role="guest", guest_may_note=True)
    assert guest.guest_may_note and not guest.guest_may_decide


def test_a_member_is_not_invited_twice(cast, production):
    with pytest.raises(Conflict, match="in the team already"):
        invited(cast, production, email=cast.cleo.email.upper())


def test_the_last_producer_can_neither_leave_nor_step_down(cast, production):
    producer = production.memberships.get(user=cast.priya)
    with pytest.raises(Conflict, match="needs a producer"):
        people.remove_member(actor=cast.priya, member=producer)
    with pytest.raises(Conflict, match="needs a producer"):
        people.change_role(actor=cast.priya, member=producer, role="director")
    people.change_role(actor=cast.priya, member=production.memberships.get(user=cast.dan), role="producer")
    people.remove_member(actor=cast.priya, member=producer)
    assert not production.memberships.filter(user=cast.priya).exists()


def test_anyone_may_leave_but_only_the_producer_removes(cast, production):
    with pytest.raises(Forbidden):
        people.remove_member(actor=cast.dan, member=production.memberships.get(user=cast.cleo))
    people.remove_member(actor=cast.cleo, member=production.memberships.get(user=cast.cleo))
    assert signed_in(cast.cleo).get(f"/p/{production.slug}/").status_code == 404


def test_sign_in_and_out(cast, production):
    client = Client()
    answer = client.post("/accounts/login/", {"login": cast.dan.email, "password": "wrong"})
    assert answer.status_code == 200 and "not correct" in answer.content.decode()
    assert client.post("/accounts/login/", {"login": cast.dan.email, "password": PASSWORD}).status_code == 302
    assert production.title in client.get("/").content.decode()
    client.post("/accounts/logout/")
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_nobody_signs_up_by_themselves(db):
    page = Client().get("/accounts/signup/")
    assert "password" not in page.content.decode().split("<main")[1].split("</main>")[0].lower()
    Client().post("/accounts/signup/", {"email": "x@huo.test", "password1": "a-lake-town-at-dusk"})
    assert not User.objects.filter(email="x@huo.test").exists()


def test_a_forgotten_password_is_set_anew_by_mail(cast):
    client = Client()
    client.post("/accounts/password/reset/", {"email": cast.dan.email})
    address = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert address
    page = client.get(address[1], follow=True)
    there = page.redirect_chain[-1][0]
    client.post(there, {"password1": "another-night-in-rain", "password2": "another-night-in-rain"})
    cast.dan.refresh_from_db()
    assert cast.dan.check_password("another-night-in-rain")


@pytest.mark.parametrize(
    "path",
    ["/accounts/2fa/", "/accounts/password/change/"],
)
def test_account_pages_wear_the_house_style(cast, path):
    client = Client()
    client.post("/accounts/login/", {"login": cast.dan.email, "password": PASSWORD})
    page = client.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert 'class="top"' in text and 'class="manage' in text


def test_a_token_is_shown_once_works_and_can_be_revoked(cast, production):
    client = signed_in(cast.cleo)
    page = client.post("/me/tokens/", {"name": "nightly export", "days": "90"})
    secret = re.search(r'value="(huo_[^"]+)"', page.content.decode())[1]
    assert page["Cache-Control"] == "no-store"
    assert secret not in client.get("/me/").content.decode()
    assert not ApiToken.objects.filter(sha256__contains=secret).exists()
    script = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    address = f"/api/v1/productions/{production.slug}"
    assert Client().get(address, **script).json()["title"] == production.title
    token = cast.cleo.api_tokens.get()
    assert signed_in(cast.dan).post(f"/me/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/me/tokens/{token.pk}/revoke/")
    assert Client().get(address, **script).status_code == 401


def test_an_expired_token_is_refused(cast, production):
    page = signed_in(cast.cleo).post("/me/tokens/", {"name": "old", "days": "30"})
    secret = re.search(r'value="(huo_[^"]+)"', page.content.decode())[1]
    cast.cleo.api_tokens.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    answer = Client().get(f"/api/v1/productions/{production.slug}", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert answer.status_code == 401


def test_the_command_line_issues_a_token(cast, production, capsys):
    call_command("issue_token", cast.vera.email)
    secret = capsys.readouterr().out.strip()
    answer = Client().get("/api/v1/productions", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert [row["slug"] for row in answer.json()] == [production.slug]
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("issue_token", "nobody@huo.test")


def test_the_chosen_language_stays_with_the_person(cast):
    client = signed_in(cast.dan)
    answer = client.post("/me/language/", {"language": "zh-hans", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"  # never to another host
    cast.dan.refresh_from_db()
    assert cast.dan.language == "zh-hans"
    assert '<html lang="zh-hans">' in client.get("/").content.decode()
    fresh = Client()
    fresh.post("/accounts/login/", {"login": cast.dan.email, "password": PASSWORD})
    assert '<html lang="zh-hans">' in fresh.get("/").content.decode()


def test_demo_sign_in_exists_only_in_a_demonstration(cast, production, settings):
    star = make_user("star")
    User.objects.filter(pk=star.pk).update(email="star@huo.demo")
    Membership.objects.create(production=production, user=star, role=Role.DIRECTOR)
    client = Client()
    assert client.post("/me/demo/", {"user": star.pk}).status_code == 404
    settings.DEMO = True
    page = client.get("/accounts/login/").content.decode()
    assert str(star) in page and str(cast.dan) not in page
    assert client.post("/me/demo/", {"user": cast.dan.pk}).status_code == 404
    assert client.post("/me/demo/", {"user": star.pk}).status_code == 302
    assert production.title in client.get("/").content.decode()
