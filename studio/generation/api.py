"""Draws for scripts: what can be made, ask, list, pick; and plates from outside."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema

from studio.core.api import Router
from studio.generation import services
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
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

    @staticmethod
    def of(draw: Draw) -> dict[str, Any]:
        names = (
            "id", "backend", "origin", "state", "seed", "draft", "recipe", "recipe_sha256", "estimate_minor",
            "cost_minor", "seconds_milli", "bin_reason", "error",
        )  # fmt: skip
        plain = {name: getattr(draw, name) for name in names}
        return plain | {"layer": draw.layer_id, "shot": draw.layer.shot.code, "artefact": draw.artefact_id}


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
