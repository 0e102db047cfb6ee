"""The books: append-only, chained, anchored."""

import json
import threading
import uuid

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from studio.ledger import services as ledger
from studio.ledger.models import Chain, Entry
from tests.cast import make_user
from tests.factories import make_production

pytestmark = pytest.mark.django_db


def fill_books(count=5):
    production = make_production()
    for number in range(count):
        ledger.record("take.circled", production_id=production.pk, subject=production, data={"n": number})
    return production.pk


def write_past_the_trigger(sql, *values):
    """As somebody with the database's password could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_rows")


def test_a_chain_of_entries_is_whole():
    production = fill_books()
    assert ledger.verify(production) == []
    entries = list(Entry.objects.filter(production_id=production).order_by("seq"))
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert entries[0].prev == "0" * 64
    assert [entry.prev for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert Chain.objects.get(pk=production).head == entries[-1].hash


def test_an_entry_says_who_and_made_from_what():
    production, cleo = make_production(), make_user("cleo")
    entry = ledger.record(
        "draw.done", production_id=production.pk, subject=production, actor=cleo, made_from=["b" * 64, "a" * 64],
        cost_minor=150, data={"模型": "procedural"},
    )  # fmt: skip
    stored = Entry.objects.get(pk=entry.pk)
    assert (stored.actor_name, stored.made_from, stored.cost_minor) == ("Cleo Marsh", ["a" * 64, "b" * 64], 150)
    assert ledger.verify(production.pk) == []


def test_floats_do_not_enter_the_books():
    production = make_production()
    with pytest.raises(TypeError, match="no floats"):
        ledger.record("x", production_id=production.pk, subject=production, data={"seconds": 1.5})


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET verb = 'take.binned'",
        "UPDATE ledger_entry SET cost_minor = 0 WHERE seq = 2",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_entry WHERE seq = 5",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(sql):
    fill_books()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("table", "trigger"), [("ledger_entry", "ledger_entry_table"), ("reviews_decision", "decision_table")]
)
def test_the_database_refuses_to_empty_the_books(table, trigger):
    """Tests put this trigger to sleep (see conftest); here it is awake, as it is in use."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_a_decision_stays_as_it_was_made():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'decision_rows'")
        assert cursor.fetchone() == ("O",)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE ledger_entry SET cost_minor = 1 WHERE seq = 3", "Entry 3"),
        ("UPDATE ledger_entry SET data = '{\"n\": 9}' WHERE seq = 3", "Entry 3"),
        ("UPDATE ledger_entry SET actor_name = 'Otto' WHERE seq = 3", "Entry 3"),
        ("DELETE FROM ledger_entry WHERE seq = 3", "Entry 3 is missing"),
        ("DELETE FROM ledger_entry WHERE seq = 5", "the chain ends at 4"),
    ],
)
def test_a_break_is_found_and_named(sql, said):
    production = fill_books()
    write_past_the_trigger(sql)
    assert any(said in sentence for sentence in ledger.verify(production))


def test_productions_have_chains_of_their_own():
    one, two = fill_books(2), fill_books(3)
    assert (Chain.objects.get(pk=one).seq, Chain.objects.get(pk=two).seq) == (2, 3)


def test_an_anchor_holds_against_a_history_rewritten_with_all_its_hashes():
    production = fill_books()
    ledger.anchor(production)
    assert ledger.verify_anchors(production) == []
    prev = "0" * 64
    for entry in Entry.objects.filter(production_id=production).order_by("seq"):
        entry.data, entry.prev = {"n": 99}, prev
        prev = ledger.chained(entry.prev, entry)
        write_past_the_trigger(
            "UPDATE ledger_entry SET data = %s, prev = %s, hash = %s WHERE id = %s",
            json.dumps(entry.data), entry.prev, prev, entry.pk,
        )  # fmt: skip
    Chain.objects.filter(pk=production).update(head=prev)
    assert ledger.verify(production) == [], "this is what makes anchors needed"
    assert ledger.verify_anchors(production) == ["Anchor line 1: entry 5 is no longer what was signed."]


def test_a_forged_anchor_is_found():
    production = fill_books()
    ledger.anchor(production)
    path = ledger.anchor_path(production)
    line = json.loads(path.read_text())
    path.write_text(json.dumps(line | {"head": "f" * 64}) + "\n")
    assert ledger.verify_anchors(production) == ["Anchor line 1 was not signed by this server."]


def test_heads_are_anchored_when_they_moved():
    production = fill_books()
    assert ledger.anchor_changed() == 1
    assert ledger.anchor_changed() == 0
    fill = ledger.record("x.y", production_id=production, subject=Chain.objects.get(pk=production))
    assert ledger.anchor_changed() == 1
    lines = ledger.anchor_path(production).read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [5, 6] and json.loads(lines[-1])["head"] == fill.hash


def test_the_key_is_readable_by_its_owner_alone():
    ledger.signing_key()
    assert (settings.KEY_HOME / "ledger_ed25519.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_at_once_make_one_unbroken_chain():
    production = make_production()
    errors: list[BaseException] = []
    start = threading.Barrier(50)

    def write(number):
        try:
            start.wait(30)
            ledger.record("race.run", production_id=production.pk, subject=production, data={"n": number})
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    entries = Entry.objects.filter(production_id=production.pk).order_by("seq")
    assert [entry.seq for entry in entries] == list(range(1, 51))
    assert sorted(entry.data["n"] for entry in entries) == list(range(50))
    assert ledger.verify(production.pk) == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_of_a_transaction_that_failed_leaves_no_gap():
    production = make_production()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.record("x.y", production_id=production.pk, subject=production)
        raise ZeroDivisionError
    assert ledger.record("x.z", production_id=production.pk, subject=production).seq == 1
    assert ledger.verify(production.pk) == []


def test_an_unknown_production_has_no_breaks():
    assert ledger.verify(uuid.uuid4()) == []
