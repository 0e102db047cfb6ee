"""Route a shot's layers, by rule or by a person's word; all of it recorded."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Invalid
from studio.ledger.services import record
from studio.productions import policy
from studio.productions.models import Element, Layer, Origin, Production, Rate, Shot
from studio.productions.policy import Action
from studio.productions.routing import Facts, Forecast, LayerRoute, forecast, location_forecast, route
from studio.productions.states import SHOT


def rates_of(production: Production) -> dict[str, int]:
    """The rate card's newest amount for each key (for draws the dearest model's: a forecast must not be too low)."""
    rates: dict[str, int] = {}
    newest: dict[tuple[str, str], Rate] = {}
    for rate in production.rates.order_by("valid_from"):
        newest[rate.key, rate.model] = rate
    for (key, _model), rate in newest.items():
        rates[key] = max(rates.get(key, 0), rate.amount_minor)
    return rates


def facts_of(shot: Shot) -> Facts:
    """The facts that routing reads, gathered from the shot, its location's library and the rate card."""
    location = shot.scene.location_id
    shared = Element.objects.filter(production=shot.production, origin=Origin.LIBRARY)
    library = (
        frozenset(shared.filter(media__location=str(location)).values_list("kind", flat=True))
        if location
        else frozenset()
    )
    return Facts(
        framing=shot.framing,
        performance=shot.performance,
        crowd=shot.crowd,
        exterior=shot.exterior,
        effect=shot.effect,
        duration_frames=shot.duration_frames,
        kinds=tuple(shot.layers.order_by("order").values_list("kind", flat=True)),
        budget_minor=shot.budget_minor,
        rates=rates_of(shot.production),
        library=frozenset(library),
    )


@transaction.atomic
def route_shot(*, shot: Shot, actor: Any = None) -> list[LayerRoute]:
    """Decide every layer that no person has overridden, with reasons and forecast. A planned shot becomes routed.

    actor None: the planner, after the facts changed.
    """
    if actor is not None:
        policy.require(actor, Action.SET_ROUTE, shot)
    Shot.objects.select_for_update().get(pk=shot.pk)
    decisions = route(facts_of(shot))
    layers = list(shot.layers.order_by("order"))
    for layer, decision in zip(layers, decisions, strict=True):
        layer.forecast = decision.forecast.plain() | {"on_location": decision.on_location.plain()}
        if layer.overridden_by_id is None:
            layer.route, layer.reasons = decision.route, [reason.plain() for reason in decision.reasons]
        else:
            layer.forecast = _forecast(layer, decision.on_location)
    Layer.objects.bulk_update(layers, ["route", "reasons", "forecast"])
    if shot.state == Shot.State.PLANNED:
        SHOT.move(shot, Shot.State.ROUTED)
    record("shot.routed", production_id=shot.production_id, subject=shot, actor=actor, data=_said(layers))
    return decisions


@transaction.atomic
def forecast_anew(production: Production) -> None:
    """Forecast every routed layer again after the rate card changed; routes stay as they are."""
    changed = []
    for shot in production.shots.exclude(state__in=[Shot.State.RELEASED, Shot.State.OMITTED]).select_related("scene"):
        facts = facts_of(shot)
        for layer in shot.layers.exclude(route=""):
            against = location_forecast(layer.kind, facts).plain()
            layer.forecast = forecast(layer.kind, layer.route, facts).plain() | {"on_location": against}
            changed.append(layer)
    Layer.objects.bulk_update(changed, ["forecast"], batch_size=500)


@transaction.atomic
def override_route(*, actor: Any, layer: Layer, route: str, reason: str) -> Layer:
    """Set a layer's route by a person's word, with their reason. Raises Invalid without a reason."""
    policy.require(actor, Action.SET_ROUTE, layer.shot)
    _check(route, reason)
    layer.route, layer.override_reason, layer.overridden_by = route, reason.strip(), actor
    layer.proposed_route, layer.proposed_by, layer.proposed_reason = "", None, ""
    layer.forecast = _forecast(layer, None)
    layer.save()
    shot = layer.shot
    if shot.state == Shot.State.PLANNED:
        SHOT.move(shot, Shot.State.ROUTED)
    data = {
        "layer": layer.name,
        "route": route,
        "reason": layer.override_reason,
        "forecast_minor": layer.forecast["amount_minor"],
    }
    record("route.overridden", production_id=shot.production_id, subject=shot, actor=actor, data=data)
    return layer


@transaction.atomic
def follow_rule(*, actor: Any, layer: Layer) -> None:
    """Take an override back: the layer is routed by rule again."""
    policy.require(actor, Action.SET_ROUTE, layer.shot)
    Layer.objects.filter(pk=layer.pk).update(overridden_by=None, override_reason="")
    record(
        "route.released",
        production_id=layer.shot.production_id,
        subject=layer.shot,
        actor=actor,
        data={"layer": layer.name},
    )
    route_shot(shot=layer.shot, actor=actor)


@transaction.atomic
def propose_route(*, actor: Any, layer: Layer, route: str, reason: str) -> Layer:
    """An AI artist's word on a route; who may set it accepts (by `override_route`) or drops it."""
    policy.require(actor, Action.PROPOSE_ROUTE, layer.shot)
    _check(route, reason)
    layer.proposed_route, layer.proposed_by, layer.proposed_reason = route, actor, reason.strip()
    layer.save(update_fields=["proposed_route", "proposed_by", "proposed_reason"])
    data = {"layer": layer.name, "route": route, "reason": layer.proposed_reason}
    record("route.proposed", production_id=layer.shot.production_id, subject=layer.shot, actor=actor, data=data)
    return layer


@transaction.atomic
def drop_proposal(*, actor: Any, layer: Layer) -> None:
    policy.require(actor, Action.SET_ROUTE, layer.shot)
    was = layer.proposed_route
    Layer.objects.filter(pk=layer.pk).update(proposed_route="", proposed_by=None, proposed_reason="")
    record(
        "route.proposal_dropped",
        production_id=layer.shot.production_id,
        subject=layer.shot,
        actor=actor,
        data={"layer": layer.name, "route": was},
    )


def _check(route: str, reason: str) -> None:
    if route not in Origin.values:
        raise Invalid(
            _("A route is one of: %(routes)s.") % {"routes": ", ".join(str(label) for label in Origin.labels)}
        )
    if not reason.strip():
        raise Invalid(_("Say why: the reason stands in the books beside the route."))


def _forecast(layer: Layer, on_location: Forecast | None) -> dict[str, Any]:
    plain = forecast(layer.kind, layer.route, facts_of(layer.shot)).plain()
    return plain | {"on_location": on_location.plain() if on_location else layer.forecast.get("on_location", {})}


def _said(layers: list[Layer]) -> dict[str, Any]:
    return {
        "layers": [
            {
                "layer": layer.name,
                "route": layer.route,
                "reasons": [reason["code"] for reason in layer.reasons],
                "overridden": layer.overridden_by_id is not None,
                "forecast_minor": layer.forecast.get("amount_minor"),
            }
            for layer in layers
        ]
    }
