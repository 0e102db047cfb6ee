"""Decisions bind to bytes: what was not seen can't be approved."""

import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction

from studio.comps.models import Version
from studio.comps.services import submit_for_review
from studio.core.errors import Conflict, DomainError, Forbidden, Invalid, NotThere
from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.productions.models import Membership, Shot
from studio.reviews import selectors, services
from studio.reviews.models import Decision
from studio.reviews.seen import Seen
from tests.cast import Cast, make_cast, make_user
from tests.factories import make_artefact, make_layer, make_scene, make_shot, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot() -> Shot:
    return make_shot(state="in_work")


@pytest.fixture
def cast(shot: Shot) -> Cast:
    return make_cast(shot.production)


def submitted(shot: Shot, cast: Cast, **fields: Any) -> Version:
    version = make_version(shot, created_by=cast.cleo, **fields)
    submit_for_review(actor=cast.cleo, version=version)
    shot.refresh_from_db()
    return version


def decide(actor: Any, version: Version, choice: str = "approve", **fields: Any) -> Decision:
    seen = fields.pop("seen", None) or Seen.of(version)
    return services.decide(actor=actor, version=version, choice=choice, seen=seen, **fields)


def states(version: Version) -> tuple[str, str]:
    version.refresh_from_db()
    return version.state, Shot.objects.get(pk=version.shot_id).state


def test_a_directors_approval_settles_version_and_shot_and_is_in_the_books(shot, cast):
    version = submitted(shot, cast)
    row = decide(cast.dan, version)
    assert states(version) == ("approved", "approved")
    assert row.media_sha256 == version.master_id and row.recipe_sha256 == version.recipe_sha256
    assert row.layer_digests == {str(one.layer_id): one.digest for one in version.version_layers.all()}
    entry = Entry.objects.get(verb="version.approved")
    assert entry.data["payload"] == row.payload_sha256 and entry.made_from == [version.master_id]
    assert ledger.verify(shot.production_id) == []


def test_a_first_look_leaves_the_version_in_review(shot, cast):
    version = submitted(shot, cast)
    decide(cast.vera, version)
    assert states(version) == ("in_review", "in_review")
    assert selectors.outcome_of(selectors.decisions_on(version)) == "first_look"


def test_asking_for_changes_needs_words_or_a_note(shot, cast):
    version = submitted(shot, cast)
    with pytest.raises(Invalid, match="Say what should change"):
        decide(cast.dan, version, "changes")
    decide(cast.dan, version, "changes", comment="Less rain.")
    assert states(version) == ("changes", "changes")


def test_a_veto_blocks_an_approved_version_and_can_be_lifted(shot, cast):
    version = submitted(shot, cast)
    decide(cast.dan, version)
    with pytest.raises(Invalid, match="reason"):
        decide(cast.kai, version, "veto")
    decide(cast.kai, version, "veto", comment="The label is missing.")
    assert states(version) == ("changes", "changes")
    decide(cast.kai, version, "approve")
    assert states(version) == ("approved", "approved")


def test_compliance_only_vetoes_and_nobody_else_does(shot, cast):
    version = submitted(shot, cast)
    with pytest.raises(Forbidden):
        decide(cast.kai, version, "approve")
    with pytest.raises(Forbidden):
        decide(cast.dan, version, "veto", comment="No.")


def test_nobody_decides_on_their_own_version_nor_does_automation(shot, cast):
    version = make_version(shot, created_by=cast.dan)
    submit_for_review(actor=cast.dan, version=version)
    with pytest.raises(Forbidden, match="own version"):
        decide(cast.dan, version)
    robot = make_user("robot", is_automation=True)
    Membership.objects.create(production=shot.production, user=robot, role="producer")
    with pytest.raises(Forbidden, match="automation"):
        decide(robot, version)


@pytest.mark.parametrize("name", ["cleo", "ana", "eddie", "gus"])
def test_who_may_not_decide_is_refused(shot, cast, name):
    version = submitted(shot, cast, number=1)
    version.created_by = cast.vera
    version.save()
    with pytest.raises(Forbidden):
        decide(getattr(cast, name), version)
    with pytest.raises(NotThere):
        decide(cast.otto, version)


def test_a_guest_decides_where_the_invitation_says_so(shot, cast):
    version = submitted(shot, cast)
    Membership.objects.filter(user=cast.gus).update(guest_may_decide=True)
    decide(cast.gus, version)
    assert states(version) == ("in_review", "in_review")


def test_only_the_head_can_be_decided_on(shot, cast):
    old = submitted(shot, cast)
    seen = Seen.of(old)
    new = submitted(shot, cast)
    with pytest.raises(Conflict, match="v002 has come since you looked at v001") as refused:
        decide(cast.dan, old, seen=seen)
    assert refused.value.status == 409
    draft = make_version(shot, created_by=cast.cleo)
    with pytest.raises(Conflict, match="not before reviewers"):
        decide(cast.dan, draft)
    decide(cast.dan, new)
    assert states(new) == ("approved", "approved")


def test_what_changed_since_it_was_seen_cannot_be_approved(shot, cast):
    version = submitted(shot, cast)
    seen = Seen.of(version)
    layer = version.version_layers.first()
    wrong = (
        replace(seen, media="0" * 64),
        replace(seen, recipe="0" * 64),
        replace(seen, layers={**seen.layers, str(layer.layer_id): "0" * 64}),
        replace(seen, layers={}),
    )
    for other in wrong:
        with pytest.raises(Conflict, match="changed since you looked"):
            decide(cast.dan, version, seen=other)
    assert not Decision.objects.exists()
    Version.objects.filter(pk=version.pk).update(master=make_artefact(shot.production))
    with pytest.raises(Conflict, match="changed since you looked"):
        decide(cast.dan, version, seen=seen)


def test_pressing_twice_decides_once(shot, cast):
    version = submitted(shot, cast)
    assert decide(cast.dan, version).pk == decide(cast.dan, version).pk


def test_a_new_approval_takes_the_place_of_the_old_one(shot, cast):
    old = submitted(shot, cast)
    decide(cast.dan, old)
    new = submitted(shot, cast)
    assert states(old) == ("approved", "in_review")
    decide(cast.dan, new)
    assert states(old) == ("superseded", "approved")


def test_an_unchanged_layer_keeps_its_approval_and_a_changed_one_loses_it(shot, cast):
    first = submitted(shot, cast)
    for row in first.version_layers.all():
        decide(cast.vera, first, layer=row.layer)
    second = make_version(shot, created_by=cast.cleo)
    changed = second.version_layers.first()
    changed.digest = "f" * 64
    changed.save()
    submit_for_review(actor=cast.cleo, version=second)
    rows = {row.layer.layer_id: row for row in selectors.layer_rows(second)}
    assert rows[changed.layer_id].standing == ""
    kept = next(row for key, row in rows.items() if key != changed.layer_id)
    assert kept.standing == "approve" and kept.kept and kept.decision.version_id == first.pk
    decide(cast.dan, second, "changes", layer=kept.layer.layer)
    assert {row.layer.layer_id: row.standing for row in selectors.layer_rows(second)}[kept.layer.layer_id] == "changes"


def test_layers_are_the_directors_and_the_supervisors_to_decide(shot, cast):
    version = submitted(shot, cast)
    layer = version.version_layers.first().layer
    for actor in (cast.priya, cast.cleo, cast.kai, cast.gus):
        with pytest.raises(Forbidden):
            decide(actor, version, layer=layer)
    elsewhere = make_layer(make_shot(make_scene(shot.scene.episode)))
    with pytest.raises(NotThere):
        decide(cast.dan, version, layer=elsewhere)


def test_a_layers_decision_leaves_the_version_alone(shot, cast):
    version = submitted(shot, cast)
    decide(cast.dan, version, layer=version.version_layers.first().layer)
    assert states(version) == ("in_review", "in_review")


def test_a_held_or_released_shot_is_not_decided_on(shot, cast):
    version = submitted(shot, cast)
    for state in ("on_hold", "released"):
        Shot.objects.filter(pk=shot.pk).update(state=state)
        with pytest.raises(Conflict):
            decide(cast.dan, version)


def test_decisions_cannot_be_changed_in_the_table(shot, cast):
    row = decide(cast.dan, submitted(shot, cast))
    row.comment = "never said"
    with pytest.raises(Exception, match=r"append-only|refuse|insert-only|change"), transaction.atomic():
        row.save()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_unseen_content_is_approved_while_versions_come_and_bytes_change():
    """Four people approve what they last saw, as fast as they can, while new versions come and bytes are exchanged.

    The books are one sequence under one lock: walked in order, each approval must name what stood there at that moment.
    """
    shot = make_shot(state="in_work")
    cast = make_cast(shot.production)
    first = make_version(shot, created_by=cast.cleo)
    submit_for_review(actor=cast.cleo, version=first)
    approvers = [cast.dan, cast.priya, cast.vera, make_user("second")]
    Membership.objects.create(production=shot.production, user=approvers[-1], role="director")
    stop, said, refused, broken = threading.Event(), [], [], []

    def change() -> None:
        try:
            chance = random.Random(7)
            for _ in range(40):
                if chance.random() < 0.5:
                    version = make_version(
                        shot, created_by=cast.cleo, number=Version.objects.filter(shot=shot).count() + 1
                    )
                    submit_for_review(actor=cast.cleo, version=version)
                    continue
                with transaction.atomic():  # as a render that is recorded again would do it
                    Shot.objects.select_for_update().get(pk=shot.pk)
                    head = selectors.head_of(shot)
                    head.master = make_artefact(shot.production)
                    head.save(update_fields=["master"])
                    ledger.record(
                        "version.exchanged", production_id=shot.production_id, subject=head, made_from=[head.master_id]
                    )
        except Exception as error:
            broken.append(error)
        finally:
            stop.set()
            connection.close()

    def approve(actor: Any) -> None:
        try:
            while not stop.is_set():
                version = selectors.head_of(Shot.objects.get(pk=shot.pk))
                if version is None:
                    continue
                seen = Seen.of(version)
                try:
                    said.append(decide(actor, version, seen=seen, comment="good"))
                except DomainError as error:
                    refused.append(error)
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(actor,)) for actor in approvers]
    threads.append(threading.Thread(target=change))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    head, master, unseen = "", "", 0
    for entry in Entry.objects.filter(production_id=shot.production_id).order_by("seq"):
        if entry.verb in ("version.submitted", "version.exchanged"):
            head, master = entry.subject_id, entry.made_from[0]
        elif entry.verb == "version.approved":
            unseen += (entry.subject_id, entry.made_from) != (head, [master])
    assert unseen == 0
    assert len(said) > 20 and Entry.objects.filter(verb="version.approved").count() == len(said)
    assert refused, "the race was never close: nobody was refused"
    assert all("since you looked" in str(error) for error in refused)
