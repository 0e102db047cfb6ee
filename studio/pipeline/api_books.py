"""`/api/v1/productions/{slug}/ledger`: the books for scripts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema

from studio.core.api import Router
from studio.ledger.models import Entry
from studio.ledger.services import verify, verify_anchors
from studio.pipeline import books
from studio.productions import policy
from studio.productions.models import Production
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["ledger"])


class EntryOut(Schema):
    """hash = sha256(prev + canonical JSON of the rest)."""

    seq: int
    at: datetime
    verb: str
    subject_type: str
    subject_id: str
    subject_code: str
    actor_id: UUID | None
    actor_name: str
    made_from: list[str]
    cost_minor: int | None
    data: dict[str, Any]
    prev: str
    hash: str


class ProofOut(Schema):
    whole: bool
    breaks: list[str]
    anchor_faults: list[str]


def _production(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


@router.get("/ledger", response=list[EntryOut], operation_id="list_ledger")
def list_ledger(
    request: HttpRequest,
    slug: str,
    verb: str = "",
    actor: str = "",
    about: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Entries, newest first. before: go on below this seq; limit: 1..1000."""
    rows = books.filtered(_production(request, slug), verb=verb, actor=actor, about=about)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return list(rows[: max(1, min(limit, 1000))])


@router.get("/ledger/proof", response=ProofOut, operation_id="verify_ledger")
def verify_ledger(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Walk the whole chain and hold the signed anchors against it."""
    production = _production(request, slug)
    breaks, faults = verify(production.pk), verify_anchors(production.pk)
    return {"whole": not breaks and not faults, "breaks": breaks, "anchor_faults": faults}
