"""`/api/v1/productions/{slug}/...`: a background lit like its actor, and draws by their fit, as on the pages."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Schema

from studio.comps import relight_page
from studio.comps.api import _shot
from studio.comps.relight import ask_by_picture
from studio.core.api import Router
from studio.core.errors import Invalid
from studio.generation import fit
from studio.generation.selectors import draws_of
from studio.productions import policy
from studio.productions.models import Layer
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["comps"])


class RelightIn(Schema):
    """preview: the digest of a preview whose light on the actor is meant."""

    preview: str


class RelightOut(Schema):
    draw: UUID
    state: str
    key_azimuth: int
    estimate_minor: int | None = None


class FitOut(Schema):
    """A draw's light against the actor's, best first. apart: degrees, null where either has no side; colour_milli: dE;
    weight: both against what is seen, in thousandths."""

    draw: UUID
    seed: int
    apart: int | None = None
    colour_milli: int
    weight: int


class FitsOut(Schema):
    """waiting: how many pictures a job still measures; ask again when it is 0."""

    waiting: int
    rows: list[FitOut]


@router.post("/shots/{code}/comp/relight", response=RelightOut, operation_id="relight_background")
def post_relight(request: HttpRequest, slug: str, code: str, sent: RelightIn) -> dict[str, Any]:
    """Draw the shot's background again, the same place and seed, in the light of the actor: a draft."""
    shot = _shot(request, slug, code)
    layer, flipped = relight_page.ground(shot)
    if layer is None:
        raise Invalid(_("There is no background to light."))
    made = ask_by_picture(actor=request.user, layer=layer, preview=sent.preview, flipped=flipped)
    azimuth = made.recipe["params"]["key_azimuth"]
    return {"draw": made.pk, "state": made.state, "key_azimuth": azimuth, "estimate_minor": made.estimate_minor}


@router.get("/layers/{pk}/fit", response=FitsOut, operation_id="fit_of_draws")
def get_fit(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    """The layer's draws by fit to the actor's light. What is not measured yet is queued."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    layer = get_object_or_404(Layer.objects.select_related("shot__production"), pk=pk, shot__production=production)
    draws = list(draws_of(request.user, layer).filter(replay_of=None))
    found = fit.read(layer, draws)
    if found.waiting:
        fit.ask(layer, request.user)
    rows = sorted((one for one in draws if one.pk in found.rows), key=lambda one: found.rows[one.pk].weight)
    return {
        "waiting": found.waiting,
        "rows": [
            {"draw": one.pk, "seed": one.seed, "apart": found.rows[one.pk].apart,
             "colour_milli": found.rows[one.pk].colour_milli, "weight": found.rows[one.pk].weight}
            for one in rows
        ],
    }  # fmt: skip
