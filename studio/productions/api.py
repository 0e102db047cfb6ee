"""`/api/v1/productions/...`: productions, episodes, scenes, shots and layers for scripts. Money is in minor units."""

from typing import Any, Literal
from uuid import UUID

import ninja
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Schema

from studio.core.api import Router
from studio.core.errors import Invalid
from studio.productions import api_papers, policy, reasons, routes, selectors, services
from studio.productions.models import Episode, Layer, Production, Scene, Shot
from studio.productions.policy import Action

# `root` stands at /productions, `router` at /productions/{slug}.
root = ninja.Router(tags=["productions"])
router = Router(tags=["productions"])
router.add_router("", api_papers.router)


class ProductionOut(Schema):
    """fps is fps_num / fps_den; frames are counted from start_frame. An outside reviewer gets no budget and no cap."""

    slug: str
    title: str
    logline: str
    width: int
    height: int
    fps_num: int
    fps_den: int
    start_frame: int
    currency: str
    budget_minor: int | None
    draw_cap_minor: int | None
    filing_number: str
    content_producer: str
    commercial: bool
    territories: list[str]

    @staticmethod
    def resolve_budget_minor(row: Production, context: Any) -> int | None:
        return row.budget_minor if policy.may(context["request"].user, Action.SEE_INTERNAL, row) else None

    @staticmethod
    def resolve_draw_cap_minor(row: Production, context: Any) -> int | None:
        return row.draw_cap_minor if policy.may(context["request"].user, Action.SEE_INTERNAL, row) else None


class ProductionFacts(Schema):
    """format: 1080x1920, 720x1280 or 540x960; rate: 23.976, 24, 25, 29.97 or 30. Left out: unchanged."""

    title: str | None = None
    logline: str | None = None
    format: Literal["1080x1920", "720x1280", "540x960"] | None = None
    rate: Literal["23.976", "24", "25", "29.97", "30"] | None = None
    start_frame: int | None = None
    currency: str | None = None
    budget_minor: int | None = None
    draw_cap_minor: int | None = None
    filing_number: str | None = None
    content_producer: str | None = None
    commercial: bool | None = None
    territories: list[str] | None = None

    def facts(self) -> dict[str, Any]:
        values = self.dict(exclude_unset=True)
        if picture := values.pop("format", None):
            values["width"], values["height"] = services.FORMATS[picture]
        if rate := values.pop("rate", None):
            values["fps_num"], values["fps_den"] = services.RATES[rate]
        return values


class NewProduction(ProductionFacts):
    title: str
    slug: str = ""


@root.get("", response=list[ProductionOut], operation_id="list_productions")
def list_productions(request: HttpRequest) -> QuerySet[Production]:
    """The productions you are in."""
    return selectors.productions_for(request.user)


@root.post("", response={201: ProductionOut}, operation_id="create_production")
def create_production(request: HttpRequest, data: NewProduction) -> tuple[int, Production]:
    """You become its producer; EP01 comes with it."""
    facts = data.facts()
    slug = facts.pop("slug", "")
    return 201, services.create_production(actor=request.user, slug=slug, **facts)


@router.get("", response=ProductionOut, operation_id="get_production")
def get_production(request: HttpRequest, slug: str) -> Production:
    return selectors.get_production(request.user, slug)


@router.patch("", response=ProductionOut, operation_id="edit_production")
def edit_production(request: HttpRequest, slug: str, data: ProductionFacts) -> Production:
    production = selectors.get_production(request.user, slug)
    return services.edit_production(actor=request.user, production=production, **data.facts())


class SceneOut(Schema):
    id: UUID
    code: str
    title: str
    location: UUID | None

    @staticmethod
    def resolve_location(row: Scene) -> UUID | None:
        return row.location_id


class EpisodeOut(Schema):
    code: str
    title: str
    scenes: list[SceneOut]

    @staticmethod
    def resolve_scenes(row: Episode) -> list[Scene]:
        return list(row.scenes.all())


class NewEpisode(Schema):
    number: int | None = None
    title: str = ""


class NewScene(Schema):
    number: int | None = None
    title: str = ""
    location: UUID | None = None


class SceneFacts(Schema):
    title: str | None = None
    location: UUID | None = None


@router.get("/episodes", response=list[EpisodeOut], operation_id="list_episodes")
def list_episodes(request: HttpRequest, slug: str) -> QuerySet[Episode]:
    return selectors.get_production(request.user, slug).episodes.prefetch_related("scenes")


@router.post("/episodes", response={201: EpisodeOut}, operation_id="create_episode")
def create_episode(request: HttpRequest, slug: str, data: NewEpisode) -> tuple[int, Episode]:
    production = selectors.get_production(request.user, slug)
    return 201, services.create_episode(actor=request.user, production=production, **data.dict())


@router.patch("/episodes/{episode}", response=EpisodeOut, operation_id="edit_episode")
def edit_episode(request: HttpRequest, slug: str, episode: str, title: str) -> Episode:
    row = selectors.episode_for(request.user, slug, episode)
    return services.edit_episode(actor=request.user, episode=row, title=title)


@router.post("/episodes/{episode}/scenes", response={201: SceneOut}, operation_id="create_scene")
def create_scene(request: HttpRequest, slug: str, episode: str, data: NewScene) -> tuple[int, Scene]:
    row = selectors.episode_for(request.user, slug, episode)
    location = get_object_or_404(row.production.locations, pk=data.location) if data.location else None
    return 201, services.create_scene(
        actor=request.user, episode=row, number=data.number, title=data.title, location=location
    )


@router.patch("/episodes/{episode}/scenes/{scene_id}", response=SceneOut, operation_id="edit_scene")
def edit_scene(request: HttpRequest, slug: str, episode: str, scene_id: UUID, data: SceneFacts) -> Scene:
    row = selectors.episode_for(request.user, slug, episode)
    facts = data.dict(exclude_unset=True)
    if facts.get("location"):
        facts["location"] = get_object_or_404(row.production.locations, pk=facts["location"])
    return services.edit_scene(actor=request.user, scene=get_object_or_404(row.scenes, pk=scene_id), **facts)


class LayerOut(Schema):
    """order 0 is furthest back. reasons: sentences; forecast_minor: null where a rate is missing (`missing_rates`)."""

    id: UUID
    kind: str
    name: str
    order: int
    route: str
    reasons: list[str]
    overridden: bool
    override_reason: str
    proposed_route: str
    forecast_minor: int | None
    missing_rates: list[str]
    origin: str
    ai_made: bool
    artefact: str | None
    likeness: UUID | None

    @staticmethod
    def of(layer: Layer) -> dict[str, Any]:
        element = layer.element
        return {
            "id": layer.pk,
            "kind": layer.kind,
            "name": layer.name,
            "order": layer.order,
            "route": layer.route,
            "reasons": [reasons.sentence(reason) for reason in layer.reasons],
            "overridden": layer.overridden_by_id is not None,
            "override_reason": layer.override_reason,
            "proposed_route": layer.proposed_route,
            "forecast_minor": layer.forecast.get("amount_minor"),
            "missing_rates": layer.forecast.get("missing", []),
            "origin": element.origin if element else "",
            "ai_made": element.ai_made if element else False,
            "artefact": element.artefact_id if element else None,
            "likeness": layer.likeness_id,
        }


class ShotOut(Schema):
    """An outside reviewer gets no layers, no budget and no words of the script."""

    id: UUID
    code: str
    title: str
    description: str
    dialogue: str
    state: str
    order: int
    duration_frames: int
    framing: str
    performance: str
    crowd: str
    exterior: bool
    effect: str
    budget_minor: int | None
    layers: list[LayerOut]

    @staticmethod
    def of(row: Shot, *, inside: bool) -> dict[str, Any]:
        facts = ["id", "code", "title", "state", "order", "duration_frames", "framing", "performance"]
        facts += ["crowd", "exterior", "effect"]
        words = ("description", "dialogue")
        layers = row.layers.select_related("element").order_by("order") if inside else []
        return {
            **{name: getattr(row, name) for name in facts},
            **{name: getattr(row, name) if inside else "" for name in words},
            "budget_minor": row.budget_minor if inside else None,
            "layers": [LayerOut.of(layer) for layer in layers],
        }


class ShotFacts(Schema):
    """Left out: unchanged. Changing what routing reads routes the layers anew."""

    title: str | None = None
    description: str | None = None
    dialogue: str | None = None
    duration_frames: int | None = None
    framing: str | None = None
    performance: str | None = None
    crowd: str | None = None
    exterior: bool | None = None
    effect: str | None = None
    budget_minor: int | None = None

    def facts(self) -> dict[str, Any]:
        values = self.dict(exclude_unset=True)
        choices = {"framing": Shot.Framing, "performance": Shot.Performance, "crowd": Shot.Crowd, "effect": Shot.Effect}
        for name, kind in choices.items():
            allowed = kind.values
            if name in values and values[name] not in allowed:
                said = _("%(name)s is one of: %(allowed)s.")
                raise Invalid(said % {"name": name, "allowed": ", ".join(map(str, allowed))})
        if "duration_frames" in values and not 1 <= (values["duration_frames"] or 0) <= 100_000:
            raise Invalid(_("A shot is 1 to 100,000 frames long."))
        return values


class NewShot(ShotFacts):
    """scene: `SC01`; number: empty for the next ten."""

    scene: str
    number: int | None = None


def shot_row(request: HttpRequest, slug: str, code: str) -> Shot:
    production = selectors.get_production(request.user, slug)
    return get_object_or_404(selectors.shots_for(request.user, production), code=code)


@router.get("/shots", response=list[ShotOut], operation_id="list_shots")
def list_shots(request: HttpRequest, slug: str, episode: str = "", state: str = "") -> list[dict[str, Any]]:
    """Shots in cut order. episode: `EP01`; an outside reviewer gets those put up for review."""
    production = selectors.get_production(request.user, slug)
    rows = selectors.shots_for(request.user, production)
    if episode:
        rows = rows.filter(code__startswith=f"{episode}_")
    if state:
        rows = rows.filter(state=state)
    return [_told(request, row) for row in rows]


def _told(request: HttpRequest, row: Shot) -> dict[str, Any]:
    return ShotOut.of(row, inside=policy.may(request.user, Action.SEE_INTERNAL, row))


@router.post("/episodes/{episode}/shots", response={201: ShotOut}, operation_id="create_shot")
def create_shot(request: HttpRequest, slug: str, episode: str, data: NewShot) -> tuple[int, dict[str, Any]]:
    """A shot with the layers its facts ask for, routed."""
    row = selectors.episode_for(request.user, slug, episode)
    digits = data.scene.removeprefix("SC")
    scene = get_object_or_404(row.scenes, number=int(digits) if digits.isdigit() else -1)
    facts = data.facts()
    facts.pop("scene"), facts.pop("number", None)
    return 201, _told(request, services.create_shot(actor=request.user, scene=scene, number=data.number, **facts))


@router.get("/shots/{code}", response=ShotOut, operation_id="get_shot")
def get_shot(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    return _told(request, shot_row(request, slug, code))


@router.patch("/shots/{code}", response=ShotOut, operation_id="edit_shot")
def edit_shot(request: HttpRequest, slug: str, code: str, data: ShotFacts) -> dict[str, Any]:
    row = services.edit_shot(actor=request.user, shot=shot_row(request, slug, code), **data.facts())
    return _told(request, row)


@router.post("/shots/{code}/place", response=ShotOut, operation_id="place_shot")
def place_shot(request: HttpRequest, slug: str, code: str, after: str = "") -> dict[str, Any]:
    """Move the shot in the cut order of its episode. after: a shot's code; empty: first."""
    row = shot_row(request, slug, code)
    services.place_shot(actor=request.user, shot=row, after=shot_row(request, slug, after) if after else None)
    row.refresh_from_db()
    return _told(request, row)


@router.post("/shots/{code}/hold", response=ShotOut, operation_id="hold_shot")
def hold_shot(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    row = shot_row(request, slug, code)
    services.hold_shot(actor=request.user, shot=row)
    return _told(request, row)


@router.post("/shots/{code}/omit", response=ShotOut, operation_id="omit_shot")
def omit_shot(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    row = shot_row(request, slug, code)
    services.omit_shot(actor=request.user, shot=row)
    return _told(request, row)


@router.post("/shots/{code}/restore", response=ShotOut, operation_id="restore_shot")
def restore_shot(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    row = shot_row(request, slug, code)
    services.restore_shot(actor=request.user, shot=row)
    return _told(request, row)


class NewLayer(Schema):
    kind: Literal["background", "crowd", "actor", "effect", "foreground", "sound", "subtitle"]
    name: str = ""


class LayerFacts(Schema):
    name: str | None = None
    likeness: UUID | None = None
    order: int | None = None


class RouteIn(Schema):
    route: Literal["captured", "generated", "procedural", "library"]
    reason: str


def layer_row(request: HttpRequest, slug: str, code: str, layer_id: UUID) -> Layer:
    shot = shot_row(request, slug, code)
    return get_object_or_404(shot.layers.select_related("shot__production", "shot__scene", "element"), pk=layer_id)


@router.post("/shots/{code}/layers", response={201: LayerOut}, operation_id="add_layer")
def add_layer(request: HttpRequest, slug: str, code: str, data: NewLayer) -> tuple[int, Any]:
    return 201, LayerOut.of(
        services.add_layer(actor=request.user, shot=shot_row(request, slug, code), kind=data.kind, name=data.name)
    )


@router.patch("/shots/{code}/layers/{layer_id}", response=LayerOut, operation_id="edit_layer")
def edit_layer(request: HttpRequest, slug: str, code: str, layer_id: UUID, data: LayerFacts) -> Any:
    """Name, likeness, or order (0 is furthest back)."""
    layer = layer_row(request, slug, code, layer_id)
    facts = data.dict(exclude_unset=True)
    order = facts.pop("order", None)
    if facts.get("likeness"):
        facts["likeness"] = get_object_or_404(layer.shot.production.likenesses, pk=facts["likeness"])
    if facts or order is None:
        services.edit_layer(actor=request.user, layer=layer, **facts)
    if order is not None:
        services.place_layer(actor=request.user, layer=layer, order=order)
    layer.refresh_from_db()
    return LayerOut.of(layer)


@router.delete("/shots/{code}/layers/{layer_id}", response={204: None}, operation_id="remove_layer")
def remove_layer(request: HttpRequest, slug: str, code: str, layer_id: UUID) -> tuple[int, None]:
    services.remove_layer(actor=request.user, layer=layer_row(request, slug, code, layer_id))
    return 204, None


@router.post("/shots/{code}/route", response=ShotOut, operation_id="route_shot")
def route_shot(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    """Route every layer anew by the facts and the rate card as they stand; overridden ones keep their word."""
    row = shot_row(request, slug, code)
    routes.route_shot(shot=row, actor=request.user)
    return _told(request, row)


@router.put("/shots/{code}/layers/{layer_id}/route", response=LayerOut, operation_id="set_route")
def set_route(request: HttpRequest, slug: str, code: str, layer_id: UUID, data: RouteIn) -> Any:
    """Override the rule, with a reason."""
    layer = layer_row(request, slug, code, layer_id)
    return LayerOut.of(routes.override_route(actor=request.user, layer=layer, route=data.route, reason=data.reason))


@router.delete("/shots/{code}/layers/{layer_id}/route", response=LayerOut, operation_id="follow_rule")
def follow_rule(request: HttpRequest, slug: str, code: str, layer_id: UUID) -> Any:
    """Take an override back."""
    layer = layer_row(request, slug, code, layer_id)
    routes.follow_rule(actor=request.user, layer=layer)
    layer.refresh_from_db()
    return LayerOut.of(layer)


@router.post("/shots/{code}/layers/{layer_id}/proposal", response=LayerOut, operation_id="propose_route")
def propose_route(request: HttpRequest, slug: str, code: str, layer_id: UUID, data: RouteIn) -> Any:
    layer = layer_row(request, slug, code, layer_id)
    return LayerOut.of(routes.propose_route(actor=request.user, layer=layer, route=data.route, reason=data.reason))


@router.delete("/shots/{code}/layers/{layer_id}/proposal", response={204: None}, operation_id="drop_proposal")
def drop_proposal(request: HttpRequest, slug: str, code: str, layer_id: UUID) -> tuple[int, None]:
    routes.drop_proposal(actor=request.user, layer=layer_row(request, slug, code, layer_id))
    return 204, None
