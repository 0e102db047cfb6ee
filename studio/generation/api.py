"""Draws for scripts: what can be made, ask, list, pick; and plates from outside."""

from dataclasses import asdict
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Schema

from studio.core.api import Router
from studio.generation import (
    alike,
    budget,
    continuity,
    papers,
    previews,
    registry,
    replays,
    sensing,
    services,
    table,
    totals,
)
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw, RegisteredModel
from studio.generation.selectors import draws_for
from studio.productions import policy
from studio.productions.models import Layer, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["generation"])


class DrawOut(Schema):
    id: UUID
    layer: UUID
    shot: str
    backend: str
    origin: str
    state: str
    seed: int
    draft: bool
    recipe: dict[str, Any]
    recipe_sha256: str
    artefact: str | None
    estimate_minor: int | None
    cost_minor: int | None
    seconds_milli: int | None
    bin_reason: str
    error: str
    replay: str
    fingerprint: dict[str, Any]
    batch: UUID | None
    like: UUID | None
    varies: str
    final_of: UUID | None
    replay_of: UUID | None
    progress: dict[str, Any] | None

    @staticmethod
    def of(draw: Draw) -> dict[str, Any]:
        names = (
            "id", "backend", "origin", "state", "seed", "draft", "recipe", "recipe_sha256", "estimate_minor",
            "cost_minor", "seconds_milli", "bin_reason", "error", "fingerprint", "batch", "varies",
        )  # fmt: skip
        plain = {name: getattr(draw, name) for name in names}
        badge = replays.badge(draw).code if draw.artefact_id else ""
        return plain | {
            "layer": draw.layer_id, "shot": draw.layer.shot.code, "artefact": draw.artefact_id, "replay": badge,
            "like": draw.like_id, "final_of": draw.final_of_id, "replay_of": draw.replay_of_id,
            "progress": table.progress_of(draw) if draw.state in table.LIVE else None,
        }  # fmt: skip


class AskIn(Schema):
    """seed: absent for the next free ones of the location's family. follow: settings and prompt that are left out are
    those of the version that the shot's location is locked to."""

    family: str
    params: dict[str, Any] = {}
    seed: int | None = None
    count: int = 1
    draft: bool = True
    backend: str = "procedural"
    use_when_done: bool = False
    follow: bool = True


class PlateIn(Schema):
    filename: str
    size: int
    sha256: str = ""
    origin: Literal["captured", "generated", "procedural", "library"]
    ai_made: bool = False
    licence: str
    source: str = ""


class PickIn(Schema):
    """reason: for bin. starred: restore gives the star back, too."""

    act: Literal["star", "unstar", "bin", "restore", "use", "cancel"]
    reason: str = ""
    starred: bool = False


class MoreIn(Schema):
    count: int = 4
    varies: Literal["seed", "settings", "picture"] = "seed"


class TotalsOut(Schema):
    """Picks and minor units: made, kept, binned, undecided; under way; failed and cancelled, booked apart."""

    made: int
    kept: int
    binned: int
    undecided: int
    live: int
    failed: int
    cancelled: int
    spent_minor: int | None
    lost_minor: int | None
    live_minor: int | None
    kept_milli: int
    per_kept_second_minor: int | None
    share_permille: int | None


def _layer(request: HttpRequest, slug: str, pk: UUID) -> Layer:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return get_object_or_404(Layer.objects.select_related("shot__production"), pk=pk, shot__production=production)


class ModelOut(Schema):
    """state: unverified, verified or changed, `finding` says why; against: what its licence says to this production."""

    name: str
    title: str
    kind: str
    family: str
    state: str
    finding: str
    manifest_sha256: str
    size: int
    licence: str
    licence_url: str
    commercial: str
    territories_allowed: list[str]
    territories_forbidden: list[str]
    source: str
    random_weights: bool
    approved_by: str | None
    usable: bool
    against: list[str]

    @staticmethod
    def of(standing: registry.Standing) -> dict[str, Any]:
        row = standing.model
        names = (
            "name", "title", "kind", "family", "state", "manifest_sha256", "size", "licence", "licence_url",
            "commercial", "territories_allowed", "territories_forbidden", "source", "random_weights",
        )  # fmt: skip
        plain = {name: getattr(row, name) for name in names}
        plain |= {"finding": standing.finding, "usable": standing.usable, "against": list(standing.against)}
        return plain | {"approved_by": str(row.approved_by) if row.approved_by else None}


class ModelIn(Schema):
    """A folder below the models folder, and its papers. workflow: a ComfyUI graph (API form) instead of a folder."""

    name: str
    licence: str
    source: str
    title: str = ""
    licence_url: str = ""
    commercial: Literal["yes", "no", "unclear"] = "unclear"
    territories_allowed: list[str] = []
    territories_forbidden: list[str] = []
    random_weights: bool = False
    dtype: Literal["", "float32", "float16", "bfloat16"] = ""
    workflow: dict[str, Any] = {}
    bind: dict[str, str] = {}


class ContinuityOut(Schema):
    """grade_milli: dE from the middle of the place; view_milli: cosine with the shot it is most alike; null: not yet
    compared, or nothing fills the background. things_milli: cosine with the middle of the place by each registered
    CLIP or DINO (dinov2, dino, clip) that has read it; other_things: those by which it shows something else."""

    shot: str
    layer: UUID
    element: UUID | None
    grade_milli: int | None
    view_milli: int | None
    graded_apart: bool
    elsewhere: bool
    things_milli: dict[str, int]
    other_things: list[str]

    @staticmethod
    def of(row: continuity.Row) -> dict[str, Any]:
        found = row.standing
        return {
            "shot": row.layer.shot.code,
            "layer": row.layer.pk,
            "element": row.layer.element_id,
            "grade_milli": round(1000 * found.grade) if found else None,
            "view_milli": round(1000 * found.geometry) if found else None,
            "graded_apart": bool(found and found.graded_apart),
            "elsewhere": bool(found and found.elsewhere),
            "things_milli": {one.measure.code: round(1000 * one.shown.alike) for one in row.sensed},
            "other_things": [one.measure.code for one in row.sensed if one.shown.other],
        }


class QuoteIn(Schema):
    family: str
    backend: str
    params: dict[str, Any] = {}
    count: int = 1
    draft: bool = True


@router.get("/models", response=list[ModelOut])
def list_models(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """The registered models, and what speaks against each in this production."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return [ModelOut.of(standing) for standing in registry.standings(production)]


@router.post("/models", response=ModelOut)
def add_model(request: HttpRequest, slug: str, sent: ModelIn) -> dict[str, Any]:
    """Register a folder that lies in the models folder (a worker then hashes every file), or a workflow."""
    production = get_production(request.user, slug)
    values = sent.dict()
    graph, bind = values.pop("workflow"), values.pop("bind")
    common = {"approved_by": request.user, "production": production, **values}
    row = registry.add_workflow(graph=graph, bind=bind, **common) if graph else services.register(**common)
    return ModelOut.of(next(one for one in registry.standings(production) if one.model.pk == row.pk))


@router.post("/models/{model_name}/verify")
def verify_model(request: HttpRequest, slug: str, model_name: str) -> dict[str, Any]:
    """Have its files checked by a worker: `{"job"}`."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SPEND, production)
    row = get_object_or_404(RegisteredModel, name=model_name)
    return {"job": str(services.ask_to_verify(actor=request.user, production=production, model=row).pk)}


@router.post("/layers/{pk}/quote")
def quote(request: HttpRequest, slug: str, pk: UUID, sent: QuoteIn) -> dict[str, Any]:
    """Seconds, price and licence flags of draws that are not asked for yet; stop: why the asker's sum forbids them."""
    layer = _layer(request, slug, pk)
    production = layer.shot.production
    found = services.quote(layer=layer, **sent.dict())
    action = budget.action_for(sent.backend)
    spend = budget.budget_of(request.user, production, action)
    return asdict(found) | {
        "flags": list(found.flags), "stop": budget.stop(request.user, production, found.minor or 0, action),
        "spent_minor": spend.spent_minor, "cap_minor": spend.cap_minor,
    }  # fmt: skip


@router.get("/locations/{location_id}/continuity", response=list[ContinuityOut])
def location_continuity(request: HttpRequest, slug: str, location_id: UUID) -> list[dict[str, Any]]:
    """The backgrounds of a location in cut order, each held against the others; what is missing is queued, unless
    the last try failed: somebody asks again on the page."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    location = get_object_or_404(production.locations, pk=location_id)
    found = continuity.read(location)
    continuity.keep_up(location, request.user, found.waiting)
    sensing.keep_up(location, request.user, found.measures)
    return [ContinuityOut.of(row) for row in found.rows]


@router.get("/layers/{pk}/offers")
def offers(request: HttpRequest, slug: str, pk: UUID) -> list[dict[str, Any]]:
    """What can be drawn for this layer, with parameters."""
    layer = _layer(request, slug, pk)
    return [
        {
            "backend": backend.name,
            "origin": backend.origin,
            "ai_made": backend.ai_made,
            "model": offer.model,
            "task": offer.task,
            "film": offer.film,
            "family": offer.name,
            "title": offer.title,
            "summary": offer.summary,
            "parameters": [
                {
                    "name": one.name, "kind": one.kind, "minimum": one.minimum, "maximum": one.maximum,
                    "default": one.default, "unit": one.unit, "choices": [choice.value for choice in one.choices],
                }
                for one in offer.parameters
            ],
        }
        for backend in BACKENDS.values()
        for offer in backend.offers(layer.kind)
    ]  # fmt: skip


@router.get("/layers/{pk}/draws", response=list[DrawOut])
def list_draws(request: HttpRequest, slug: str, pk: UUID) -> list[dict[str, Any]]:
    layer = _layer(request, slug, pk)
    return [DrawOut.of(draw) for draw in draws_for(request.user, layer.shot.production).filter(layer=layer)]


@router.post("/layers/{pk}/draws", response=list[DrawOut])
def ask(request: HttpRequest, slug: str, pk: UUID, sent: AskIn) -> list[dict[str, Any]]:
    made = services.request_draws(actor=request.user, layer=_layer(request, slug, pk), **sent.dict())
    return [DrawOut.of(draw) for draw in made]


@router.post("/layers/{pk}/plates")
def send_plate(request: HttpRequest, slug: str, pk: UUID, sent: PlateIn) -> dict[str, Any]:
    """A permit to send one plate from outside: `{url, permit, upload, expires}`."""
    values = sent.dict()
    file = {name: values.pop(name) for name in ("filename", "size", "sha256")}
    origin = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    return services.permit(actor=request.user, layer=_layer(request, slug, pk), declared=values, origin=origin, **file)


@router.get("/layers/{pk}/draw-totals", response=TotalsOut)
def layer_totals(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    """What the layer's draws came to."""
    return totals.of_layer(_layer(request, slug, pk)).as_dict()


@router.get("/shots/{code}/draw-totals", response=TotalsOut)
def shot_totals(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    """What the draws of a shot came to."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return totals.of_shot(get_object_or_404(Shot.objects.filter(production=production), code=code)).as_dict()


@router.get("/draw-totals", response=TotalsOut)
def production_totals(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What the production's draws came to."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return totals.of_production(production).as_dict()


@router.get("/draw-reasons", response=list[str])
def bin_reasons(request: HttpRequest, slug: str) -> list[str]:
    """Why draws go into the bin here: the reasons the page offers."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return table.reasons(production)


@router.post("/draws/{pk}/more", response=list[DrawOut])
def more(request: HttpRequest, slug: str, pk: UUID, sent: MoreIn) -> list[dict[str, Any]]:
    """Drafts more like this one: other seeds, settings moved a little, or drawn on from its picture."""
    production = get_production(request.user, slug)
    row = get_object_or_404(draws_for(request.user, production), pk=pk)
    return [DrawOut.of(draw) for draw in alike.more_like(actor=request.user, draw=row, **sent.dict())]


@router.get("/draws/{pk}/papers")
def draw_papers(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    """What made a draw in words: settings, runtime, models with what speaks against their licences, replay."""
    production = get_production(request.user, slug)
    return papers.told(request.user, get_object_or_404(draws_for(request.user, production), pk=pk))


@router.get("/draws/{pk}/preview.jpg")
def draw_preview(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """How far a running draw is, as a small JPEG; 204 while there is nothing to see."""
    production = get_production(request.user, slug)
    found = previews.find(get_object_or_404(draws_for(request.user, production), pk=pk).pk)
    return HttpResponse(found, content_type="image/jpeg") if found else HttpResponse(status=204)


@router.get("/draws/{pk}", response=DrawOut)
def one_draw(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    production = get_production(request.user, slug)
    return DrawOut.of(get_object_or_404(draws_for(request.user, production), pk=pk))


@router.post("/draws/{pk}/replay", response=DrawOut)
def replay(request: HttpRequest, slug: str, pk: UUID) -> dict[str, Any]:
    """Draw the same recipe once more; `replay` of the first then says what came of it."""
    production = get_production(request.user, slug)
    return DrawOut.of(
        replays.replay(actor=request.user, draw=get_object_or_404(draws_for(request.user, production), pk=pk))
    )


@router.post("/draws/{pk}/pick", response=DrawOut)
def pick(request: HttpRequest, slug: str, pk: UUID, sent: PickIn) -> dict[str, Any]:
    """star, unstar, bin (with a reason), restore, use, cancel."""
    production = get_production(request.user, slug)
    draw = get_object_or_404(draws_for(request.user, production), pk=pk)
    match sent.act:
        case "star" | "unstar":
            services.star(actor=request.user, draw=draw, on=sent.act == "star")
        case "bin":
            services.bin_draw(actor=request.user, draw=draw, reason=sent.reason)
        case "restore":
            services.restore(actor=request.user, draw=draw, starred=sent.starred)
        case "use":
            services.promote(actor=request.user, draw=draw)
        case "cancel":
            services.cancel(actor=request.user, draw=draw)
    draw.refresh_from_db()
    return DrawOut.of(draw)
