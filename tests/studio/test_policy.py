"""The table of DESIGN, section 8, held against the policy, cell by cell, and the conditions in its cells."""

import pytest

from studio.accounts.models import User
from studio.core.errors import Forbidden, NotThere
from studio.productions import policy
from studio.productions.policy import Action
from tests.cast import ROLES, make_cast
from tests.factories import make_production, make_shot, make_version

pytestmark = pytest.mark.django_db

# Written by hand from the table of roles; letters as there. What a cell adds to "yes" has its own test below.
TABLE = {
    Action.VIEW: "PDVCAEKG",
    Action.SEE_INTERNAL: "PDVCAEK",
    Action.NOTE: "PDVCAEKG",
    Action.UPLOAD: "PDVCAE",
    Action.COMP: "DVCA",
    Action.SPEND: "PVA",
    Action.DRAW_BY_RULE: "PDVA",
    Action.PICK_DRAW: "PDVA",
    Action.CIRCLE_TAKE: "DVCE",
    Action.LOCK_PLACE: "PDVA",
    Action.PIN_SHOTS: "PDV",
    Action.KEEP_LIBRARY: "PDVA",
    Action.SHARE_LIBRARY: "PV",
    Action.SET_ROUTE: "PDV",
    Action.PROPOSE_ROUTE: "PDVA",
    Action.EDIT_SHOTS: "PDV",
    Action.DECIDE_LAYER: "DV",
    Action.DECIDE_SHOT: "PDVK",
    Action.DECLINE_NOTE: "DV",
    Action.EDIT_CUT: "DE",
    Action.RELEASE: "PDEK",
    Action.WAIVE_COST: "P",
    Action.WAIVE_CREATIVE: "D",
    Action.WAIVE_LEGAL: "K",
    Action.ADD_LABEL: "K",
    Action.SIGN: "PDK",
    Action.PUBLISH: "PK",
    Action.CONSENT: "PK",
    Action.MANAGE: "P",
    Action.SHARE: "PDVE",
    Action.CANCEL_JOB: "PDV",
}
LETTERS = dict(zip("PDVCAEKG", ROLES, strict=True))


class Note:
    """What the policy looks at of a note."""

    def __init__(self, production, author=None, fixer=None, label=False):
        self.production, self.label_note = production, label
        self.author_id = author.pk if author else None
        self.addressed_by_id = fixer.pk if fixer else None


@pytest.fixture
def production():
    return make_production()


@pytest.fixture
def cast(production):
    return make_cast(production)


def test_every_action_stands_in_the_hand_written_table():
    assert set(TABLE) | {Action.VERIFY_NOTE} == set(Action)


@pytest.mark.parametrize("action", TABLE, ids=lambda action: action.name.lower())
def test_roles_may_what_the_table_says(cast, production, action):
    allowed = {letter for letter, name in LETTERS.items() if policy.may(getattr(cast, name), action, production)}
    assert allowed == set(TABLE[action])


def test_a_stranger_may_nothing_and_learns_nothing(cast, production):
    assert not any(policy.may(cast.otto, action, production) for action in Action if action is not Action.VERIFY_NOTE)
    with pytest.raises(NotThere):
        policy.require(cast.otto, Action.VIEW, production)


def test_a_member_who_may_not_is_told_why(cast, production):
    with pytest.raises(Forbidden, match="producer, the director or the VFX supervisor"):
        policy.require(cast.cleo, Action.SET_ROUTE, production)


def test_a_disabled_account_may_nothing(cast, production):
    User.objects.filter(pk=cast.priya.pk).update(is_active=False)
    cast.priya.refresh_from_db()
    assert not policy.may(cast.priya, Action.VIEW, production)


@pytest.mark.parametrize("action", [Action.DECIDE_SHOT, Action.DECIDE_LAYER])
def test_nobody_decides_on_their_own_version(cast, production, action):
    version = make_version(make_shot(), created_by=cast.vera)
    make_cast(version.shot.production)
    assert not policy.may(cast.vera, action, version) and policy.may(cast.dan, action, version)
    with pytest.raises(Forbidden, match="Nobody decides on their own version"):
        policy.require(cast.vera, action, version)


def test_an_automation_account_never_decides_or_signs(cast, production):
    User.objects.filter(pk=cast.dan.pk).update(is_automation=True)
    cast.dan.refresh_from_db()
    for action in (Action.DECIDE_LAYER, Action.DECIDE_SHOT, Action.SIGN):
        assert not policy.may(cast.dan, action, production)
    assert policy.may(cast.dan, Action.NOTE, production)


def test_an_ai_artist_spends_within_the_cap_and_nothing_without_one(cast, production):
    assert policy.may(cast.ana, Action.SPEND, production, amount_minor=production.draw_cap_minor)
    assert not policy.may(cast.ana, Action.SPEND, production, amount_minor=production.draw_cap_minor + 1)
    assert policy.may(cast.vera, Action.SPEND, production, amount_minor=10**9)
    production.draw_cap_minor = None
    production.save()
    assert not policy.may(cast.ana, Action.SPEND, production)


def test_a_guest_does_what_the_invitation_says(cast, production):
    guest = production.memberships.get(user=cast.gus)
    assert not policy.may(cast.gus, Action.DECIDE_SHOT, production)
    guest.guest_may_note, guest.guest_may_decide = False, True
    guest.save()
    assert not policy.may(cast.gus, Action.NOTE, production) and policy.may(cast.gus, Action.DECIDE_SHOT, production)


def test_a_must_note_is_verified_by_its_author_never_by_who_fixed_it(cast, production):
    by_cleo = Note(production, author=cast.cleo, fixer=cast.ana)
    assert policy.may(cast.cleo, Action.VERIFY_NOTE, by_cleo)
    assert not policy.may(cast.ana, Action.VERIFY_NOTE, by_cleo)
    assert not policy.may(cast.cleo, Action.VERIFY_NOTE, Note(production, author=cast.cleo, fixer=cast.cleo))
    assert policy.may(cast.dan, Action.VERIFY_NOTE, by_cleo) and policy.may(cast.vera, Action.VERIFY_NOTE, by_cleo)
    assert not policy.may(cast.priya, Action.VERIFY_NOTE, by_cleo)


def test_compliance_verifies_label_notes_and_a_guest_their_own(cast, production):
    assert policy.may(cast.kai, Action.VERIFY_NOTE, Note(production, author=cast.dan, label=True))
    assert not policy.may(cast.kai, Action.VERIFY_NOTE, Note(production, author=cast.dan))
    assert policy.may(cast.gus, Action.VERIFY_NOTE, Note(production, author=cast.gus))
    assert not policy.may(cast.gus, Action.VERIFY_NOTE, Note(production, author=cast.dan))


def test_a_role_in_one_production_means_nothing_in_another(cast, production):
    other = make_production()
    assert not any(policy.may(cast.priya, action, other) for action in TABLE)
