"""Draws for scripts: what can be made, ask, list, pick; and plates from outside."""

from dataclasses import asdict
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema

from studio.core.api import Router
from studio.generation import registry, replays, services
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw, RegisteredModel
from studio.generation.selectors import draws_for
from studio.productions import policy
from studio.productions.models import Layer
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

    @staticmethod
    def of(draw: Draw) -> dict[str, Any]:
        names = (
            "id", "backend", "origin", "state", "seed", "draft", "recipe", "recipe_sha256", "estimate_minor",
            "cost_minor", "seconds_milli", "bin_reason", "error", "fingerprint",
        )  # fmt: skip
        plain = {name: getattr(draw, name) for name in names}
        badge = replays.badge(draw).code if draw.artefact_id else ""
        return plain | {
            "layer": draw.layer_id, "shot": draw.layer.shot.code, "artefact": draw.artefact_id, "replay": badge,
        }  # fmt: skip


class AskIn(Schema):
    family: str
    params: dict[str, Any] = {}
    seed: int = 1
    count: int = 1
    draft: bool = True
    backend: str = "procedural"
    use_when_done: bool = False


class PlateIn(Schema):
    filename: str
    size: int
    sha256: str = ""
    origin: Literal["captured", "generated", "procedural", "library"]
    ai_made: bool = False
    licence: str
    source: str = ""


class PickIn(Schema):
    act: Literal["star", "unstar", "bin", "restore", "use", "cancel"]
    reason: str = ""


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
    """Seconds, price and licence flags of draws that are not asked for yet."""
    found = services.quote(layer=_layer(request, slug, pk), **sent.dict())
    return asdict(found) | {"flags": list(found.flags)}


@router.get("/layers/{pk}/offers")
def offers(request: HttpRequest, slug: str, pk: UUID) -> list[dict[str, Any]]:
    """What can be drawn for this layer, with parameters."""
    layer = _layer(request, slug, pk)
    return [
        {
            "backend": backend.name,
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
            services.restore(actor=request.user, draw=draw)
        case "use":
            services.promote(actor=request.user, draw=draw)
        case "cancel":
            services.cancel(actor=request.user, draw=draw)
    draw.refresh_from_db()
    return DrawOut.of(draw)
