"""The ledger page: entries with filters, the chain's proof, exports; and the queue board."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet, Sum

from studio.jobs.selectors import LIVE, jobs_of
from studio.ledger.models import Entry
from studio.ledger.selectors import entries
from studio.ledger.services import anchor_path
from studio.pipeline import verbs
from studio.productions.models import Production

PAGE = 100


def filtered(production: Production, *, verb: str = "", actor: str = "", about: str = "") -> QuerySet[Entry]:
    """The books, newest first. verb: exact, or a group (`take`); actor: a name; about: part of a subject's code."""
    rows = entries(production.pk)
    if verb:
        rows = rows.filter(Q(verb=verb) | Q(verb__startswith=f"{verb}."))
    if actor:
        rows = rows.filter(actor_name=actor)
    if about:
        rows = rows.filter(subject_code__icontains=about)
    return rows


def page_of(rows: QuerySet[Entry], before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """PAGE entries older than `before` (a seq), and the seq to go on from (None: that was all)."""
    if before:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].seq if len(found) > PAGE else None
    return [{"entry": row, "said": verbs.said(row.verb), "detail": verbs.detail(row)} for row in found[:PAGE]], more


def choices(production: Production) -> dict[str, list[Any]]:
    """What can be filtered by: the groups of verbs and the names that occur, and the sum of all costs."""
    rows = Entry.objects.filter(production_id=production.pk).order_by()
    groups = sorted({verb.split(".")[0] for verb in rows.values_list("verb", flat=True).distinct()})
    actors = sorted(set(rows.exclude(actor_name="").values_list("actor_name", flat=True).distinct()))
    return {"groups": [(group, verbs.group(group)) for group in groups], "actors": actors}


def total_cost(rows: QuerySet[Entry]) -> int:
    return int(rows.order_by().aggregate(sum=Sum("cost_minor"))["sum"] or 0)


def last_anchor(production: Production) -> dict[str, Any] | None:
    """The newest line of the anchor file:

    `{"seq", "head", "at", "signature"}`, or None where nothing was signed yet.
    """
    path = anchor_path(production.pk)
    lines = path.read_text().splitlines() if path.exists() else []
    return json.loads(lines[-1]) if lines else None


COLUMNS = (
    "seq",
    "at",
    "verb",
    "subject_type",
    "subject_id",
    "subject_code",
    "actor_id",
    "actor_name",
    "cost_minor",
    "made_from",
    "data",
)


def as_csv(rows: QuerySet[Entry]) -> Iterator[str]:
    """The entries as CSV, oldest first, with a byte order mark so that spreadsheets read Chinese names."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([*COLUMNS, "prev", "hash"])
    for entry in rows.order_by("seq").iterator(chunk_size=500):
        line = _line(entry)
        writer.writerow([_cell(line[name]) for name in COLUMNS] + [entry.prev, entry.hash])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    # A spreadsheet must not run what a person wrote.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def as_json(rows: QuerySet[Entry]) -> Iterator[str]:
    """The entries as one JSON list, oldest first: with prev and hash, anyone can walk the chain."""
    yield "[\n"
    first = True
    for entry in rows.order_by("seq").iterator(chunk_size=500):
        yield ("" if first else ",\n") + json.dumps(
            _line(entry) | {"prev": entry.prev, "hash": entry.hash}, ensure_ascii=False
        )
        first = False
    yield "\n]\n"


def _line(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    return values | {"at": entry.at.isoformat(), "actor_id": str(entry.actor_id) if entry.actor_id else ""}


def queue_board(production: Production) -> dict[str, Any]:
    """Live jobs first come, first served; then the newest fifty that have ended."""
    rows = jobs_of(production.pk)
    return {
        "live": list(rows.filter(state__in=LIVE).order_by("created_at")),
        "ended": list(rows.exclude(state__in=LIVE)[:50]),
    }
