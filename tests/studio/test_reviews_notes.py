"""Notes: on frames, layers and drawings; answered, verified, reopened, declined; never leaked."""

import csv
import io
from typing import Any

import pytest

from studio.comps.models import Version
from studio.comps.services import submit_for_review
from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.ledger.models import Entry
from studio.productions.models import Membership, Shot
from studio.reviews import selectors, services
from studio.reviews.models import Annotation, Note
from tests.cast import Cast, make_cast
from tests.factories import make_layer, make_production, make_scene, make_shot, make_version

pytestmark = pytest.mark.django_db
STROKE = {"colour": "#ff6b4a", "width": 6, "points": [[0, 0], [500, 1000]]}


@pytest.fixture
def shot() -> Shot:
    return make_shot(state="in_work")


@pytest.fixture
def cast(shot: Shot) -> Cast:
    return make_cast(shot.production)


@pytest.fixture
def version(shot: Shot, cast: Cast) -> Version:
    return submitted(shot, cast)


def submitted(shot: Shot, cast: Cast) -> Version:
    version = make_version(shot, created_by=cast.cleo)
    return submit_for_review(actor=cast.cleo, version=version)


def note(actor: Any, version: Version, **fields: Any) -> Note:
    return services.add_note(actor=actor, version=version, **({"text": "Green in the hair."} | fields))


def move(actor: Any, row: Note, to: str, **fields: Any) -> Note:
    return services.move_note(actor=actor, note=row, to=to, **fields)


def moves(actor: Any, row: Note) -> set[str]:
    found = next(one for one in selectors.threads(actor, row.shot) if one.note.pk == row.pk)
    return {move.to for move in found.moves}


def test_a_note_stands_on_a_frame_a_range_a_layer_or_the_whole_shot(shot, cast, version):
    layer = version.version_layers.first().layer
    assert (note(cast.dan, version, frame_in=38).frame_out) == 38
    ranged = note(cast.dan, version, frame_in=43, frame_out=20, layer=layer, must=True)
    assert (ranged.frame_in, ranged.frame_out, ranged.layer, ranged.must) == (20, 43, layer, True)
    assert note(cast.dan, version).frame_in is None
    assert Entry.objects.filter(verb="note.added", subject_code=shot.code).count() == 3


@pytest.mark.parametrize(
    "fields", [{"text": "  "}, {"frame_in": 48}, {"frame_in": 3, "frame_out": 99}, {"frame_in": -1}]
)
def test_a_note_that_says_nothing_or_stands_nowhere_is_refused(cast, version, fields):
    with pytest.raises(Invalid):
        note(cast.dan, version, **fields)


def test_a_layer_of_another_shot_is_not_there(shot, cast, version):
    other = make_layer(make_shot(make_scene(shot.scene.episode)))
    with pytest.raises(NotThere):
        note(cast.dan, version, layer=other)


def test_a_drawing_is_kept_by_frame_and_gives_the_note_its_frames(cast, version):
    row = note(cast.dan, version, drawings={"40": [STROKE], "38": [STROKE], "7": []})
    assert (row.frame_in, row.frame_out) == (38, 40)
    assert [one.frame for one in row.annotations.order_by("frame")] == [38, 40]


@pytest.mark.parametrize(
    "drawings",
    [
        {"48": [STROKE]},
        {"-1": [STROKE]},
        {"1": [STROKE | {"colour": "red;}"}]},
        {"1": [STROKE | {"points": [[0, 1001]]}]},
        {"1": [STROKE | {"points": [[0.5, 1]]}]},
        {"1": [STROKE | {"width": 900}]},
        {"1": [STROKE] * 201},
        {"1": "scribble"},
        [1, 2],
    ],
)
def test_a_drawing_that_is_none_is_refused(cast, version, drawings):
    with pytest.raises(Invalid):
        note(cast.dan, version, drawings=drawings)


def test_a_drawing_is_taken_away_by_its_author_and_stays_in_the_table(cast, version):
    row = note(cast.ana, version, drawings={"4": [STROKE]})
    drawing = row.annotations.get()
    with pytest.raises(Forbidden):
        services.remove_drawing(actor=cast.cleo, annotation=drawing)
    services.remove_drawing(actor=cast.ana, annotation=drawing)
    assert Annotation.objects.get(pk=drawing.pk).removed_at is not None
    assert selectors.threads(cast.dan, version.shot)[0].drawings == []


def test_a_note_is_answered_in_a_later_version_verified_and_reopened(shot, cast, version):
    row = note(cast.dan, version, must=True)
    with pytest.raises(Invalid, match="newer than v001"):
        move(cast.cleo, row, "addressed", version=version)
    later = submitted(shot, cast)
    move(cast.cleo, row, "addressed", version=later)
    assert (row.addressed_in, row.addressed_by) == (later, cast.cleo)
    move(cast.dan, row, "verified")
    move(cast.vera, row, "reopened")
    assert row.state == "reopened" and row.closed_by is None


def test_two_who_move_a_note_at_once_do_not_both_win(cast, version):
    row = note(cast.dan, version)
    stale = Note.objects.get(pk=row.pk)
    move(cast.dan, row, "declined", reason="It is the light.")
    with pytest.raises(Conflict):
        move(cast.vera, stale, "declined", reason="Me too.")


def test_declining_takes_a_reason_and_the_director_or_the_supervisor(cast, version):
    row = note(cast.ana, version)
    with pytest.raises(Invalid, match="why"):
        move(cast.dan, row, "declined")
    for actor in (cast.cleo, cast.priya, cast.kai, cast.gus):
        with pytest.raises((Forbidden, NotThere)):
            move(actor, row, "declined", reason="No.")
    assert move(cast.vera, row, "declined", reason="Out of budget.").decline_reason == "Out of budget."


def test_a_must_note_is_verified_by_its_author_but_never_by_its_fixer(shot, cast, version):
    row = note(cast.cleo, version, must=True)
    later = submitted(shot, cast)
    move(cast.cleo, row, "addressed", version=later)
    assert moves(cast.cleo, row) == set()
    with pytest.raises(Forbidden, match="doesn't verify"):
        move(cast.cleo, row, "verified")
    with pytest.raises(Forbidden):
        move(cast.ana, row, "verified")
    assert moves(cast.dan, row) == {"verified", "reopened"} and moves(cast.priya, row) == set()


def test_a_producer_closes_her_own_wish_but_not_her_own_must(shot, cast, version):
    wish, must = note(cast.priya, version), note(cast.priya, version, must=True)
    later = submitted(shot, cast)
    for row in (wish, must):
        move(cast.cleo, row, "addressed", version=later)
    move(cast.priya, wish, "verified")
    with pytest.raises(Forbidden):
        move(cast.priya, must, "verified")


def test_a_label_note_is_compliances_to_verify_and_nobodys_to_decline(shot, cast, version):
    row = note(cast.kai, version, label_note=True)
    with pytest.raises(Forbidden, match="never declined"):
        move(cast.dan, row, "declined", reason="No label here.")
    move(cast.cleo, row, "addressed", version=submitted(shot, cast))
    with pytest.raises(Forbidden):
        move(cast.dan, row, "verified")
    move(cast.kai, row, "verified")
    assert not note(cast.dan, version, label_note=True).label_note


def test_the_buttons_are_the_table(shot, cast, version):
    row = note(cast.dan, version)
    assert moves(cast.cleo, row) == set(), "no later version, nothing that could answer it"
    assert moves(cast.dan, row) == {"declined"}
    submitted(shot, cast)
    assert moves(cast.cleo, row) == {"addressed"} and moves(cast.dan, row) == {"addressed", "declined"}
    assert moves(cast.eddie, row) == set()


def test_an_answer_joins_the_thread_and_has_no_state(cast, version):
    row = note(cast.dan, version)
    answer = services.reply(actor=cast.cleo, note=row, text="On it.")
    again = services.reply(actor=cast.dan, note=answer, text="Thanks.")
    assert again.parent == row and [one.text for one in selectors.threads(cast.ana, row.shot)[0].replies] == [
        "On it.",
        "Thanks.",
    ]
    with pytest.raises(Invalid):
        move(cast.dan, answer, "declined", reason="No.")


# What guests must never see (what other tools leaked)


def test_a_guest_reads_no_internal_note_and_no_internal_answer(cast, version):
    secret = note(cast.dan, version, text="She hates it.", internal=True)
    shown = note(cast.dan, version, text="More rain?", internal=False)
    services.reply(actor=cast.cleo, note=shown, text="Over budget.", internal=True)
    services.reply(actor=cast.cleo, note=shown, text="We try.", internal=False)
    rows = selectors.threads(cast.gus, version.shot)
    assert [row.note.pk for row in rows] == [shown.pk]
    assert [answer.text for answer in rows[0].replies] == ["We try."]
    assert selectors.note_counts(cast.gus, version.shot.production, [version.shot_id])[version.shot_id]["open"] == 1
    with pytest.raises(NotThere):
        services.reply(actor=cast.gus, note=secret, text="What?")


def test_an_answer_under_an_internal_note_is_internal_whatever_it_says(cast, version):
    secret = note(cast.dan, version, internal=True)
    assert services.reply(actor=cast.cleo, note=secret, text="Yes.", internal=False).internal


def test_what_a_guest_writes_is_never_internal_never_must_and_only_where_invited(shot, cast, version):
    row = note(cast.gus, version, internal=True, must=True)
    assert (row.internal, row.must) == (False, False)
    Membership.objects.filter(user=cast.gus).update(guest_may_note=False)
    with pytest.raises(Forbidden):
        note(cast.gus, version)


def test_a_guest_sees_no_version_before_it_is_in_review_nor_notes_on_it(shot, cast, version):
    draft = make_version(shot, created_by=cast.cleo)
    hidden = note(cast.dan, draft, internal=False)
    with pytest.raises(NotThere):
        note(cast.gus, draft)
    assert hidden.pk not in [row.note.pk for row in selectors.threads(cast.gus, shot)]
    open_note = note(cast.gus, version)
    move(cast.cleo, open_note, "addressed", version=draft)
    row = next(one for one in selectors.threads(cast.gus, shot) if one.note.pk == open_note.pk)
    assert row.answered_in == "" and selectors.queue(cast.gus, shot.production).verify == []


def test_notes_of_another_production_are_not_there(cast, version):
    row = note(cast.dan, version, internal=False)
    other = make_production()
    strangers = make_cast(other)
    assert not selectors.notes_for(strangers.dan, other).filter(pk=row.pk).exists()
    with pytest.raises(NotThere):
        note(cast.otto, version)


# The queue and the file


def test_the_queue_says_what_waits_for_each(shot, cast, version):
    row = note(cast.dan, version, must=True)
    mine = selectors.queue(cast.cleo, shot.production)
    assert [one.pk for one in mine.mine] == [row.pk] and mine.versions == []
    assert [one.version.pk for one in selectors.queue(cast.dan, shot.production).versions] == [version.pk]
    services.decide(actor=cast.vera, version=version, choice="approve", seen=services.Seen.of(version))
    done = selectors.queue(cast.vera, shot.production)
    assert done.versions == [] and [one.decided for one in done.others] == ["approve"]
    move(cast.ana, row, "addressed", version=submitted(shot, cast))
    assert [one.pk for one in selectors.queue(cast.dan, shot.production).verify] == [row.pk]
    assert selectors.queue(cast.cleo, shot.production).verify == []
    assert selectors.queue(cast.dan, shot.production, "EP02").count == 0


def test_notes_leave_as_csv_without_formulas_and_without_what_the_reader_may_not_see(shot, cast, version, client):
    note(cast.dan, version, text="=HYPERLINK(1)", frame_in=38, must=True, internal=False)
    note(cast.dan, version, text="Secret", internal=True)
    url = f"/p/{shot.production.slug}/review/notes.csv"
    client.force_login(cast.dan)
    rows = list(csv.DictReader(io.StringIO(client.get(url).content.decode("utf-8-sig"))))
    assert rows[0]["note"] == "'=HYPERLINK(1)" and rows[0]["frame_in"] == "1039" and len(rows) == 2
    client.force_login(cast.gus)
    assert b"Secret" not in client.get(url).content
    client.force_login(cast.otto)
    assert client.get(url).status_code == 404
