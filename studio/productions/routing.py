"""Which layer of a shot is captured, generated, procedural or from the library, why, and what that would cost. Pure.

The rule of the house: actors give what machines cannot (performance, eyes, close-ups); machines give what burns a
budget (exteriors, crowds, effects, empty shots). Reasons are codes with parameters; `reasons.py` words them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What a shot takes of each rate, in thousandths of the rate's unit. Yardsticks of the trade, for a first forecast:
# ten set-ups a day on a stage, four on location; five draws for one usable; a person's day places twenty plates.
STAGE_SETUP = 100
LOCATION_SETUP = 250
TRAVEL_SHARE = 250
KEYING_SHARE = 50
DRAWS_FOR_ONE = 5_000
PLACING_SHARE = 50
LIBRARY_SHARE = 20
EXTRAS_SHARE = 500  # of a captured day, for dressing and directing a crowd
EFFECT_SHARE = 200
RENDER_S_PER_PLATE = 20
RENDER_MS_PER_FRAME = 150

CLOSE = ("extreme_close_up", "close_up", "insert")
ACTING = ("action", "dialogue", "emotion")


@dataclass(frozen=True)
class Facts:
    """What routing reads of a shot. kinds: its layers' kinds, back to front; budget_minor: what the shot may cost
    (None: no limit known); rates: minor units by rate-card key; library: kinds that the location's library can fill."""

    framing: str
    performance: str
    crowd: str
    exterior: bool
    effect: str
    duration_frames: int
    kinds: tuple[str, ...]
    budget_minor: int | None = None
    rates: Mapping[str, int] = field(default_factory=dict)
    library: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reason:
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True)
class Line:
    """quantity_milli thousandths of the unit of rate `key`; amount_minor None where the card has no such rate."""

    key: str
    quantity_milli: int
    amount_minor: int | None


@dataclass(frozen=True)
class Forecast:
    """amount_minor is None as soon as one rate is missing: a sum with a hole in it is no forecast."""

    lines: tuple[Line, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted({line.key for line in self.lines if line.amount_minor is None}))

    @property
    def amount_minor(self) -> int | None:
        return None if self.missing else sum(line.amount_minor or 0 for line in self.lines)

    def plain(self) -> dict[str, Any]:
        return {
            "amount_minor": self.amount_minor,
            "missing": list(self.missing),
            "lines": [
                {"key": line.key, "quantity_milli": line.quantity_milli, "amount_minor": line.amount_minor}
                for line in self.lines
            ],
        }


@dataclass(frozen=True)
class LayerRoute:
    """One layer's decision. on_location: the forecast had the layer been shot on location, to hold it against."""

    kind: str
    route: str
    reasons: tuple[Reason, ...]
    forecast: Forecast
    on_location: Forecast


def route(facts: Facts) -> list[LayerRoute]:
    """Decide each layer of a shot, in the order of `facts.kinds`.

    A layer is routed by what it must do; then, where the shot's budget does not carry the sum, generated layers turn
    procedural one by one from the back, each saying so.
    """
    decided = [_decide(kind, facts) for kind in facts.kinds]
    if facts.budget_minor is None:
        return decided
    for index, layer in enumerate(decided):
        total = _sum(decided)
        if total is None or total <= facts.budget_minor:
            break
        if layer.route == "generated":
            cheaper = Reason("over_budget", {"budget_minor": facts.budget_minor, "forecast_minor": total})
            decided[index] = _layer(layer.kind, "procedural", (cheaper,), facts)
    total = _sum(decided)
    if total is not None and total > facts.budget_minor:
        over = Reason("still_over_budget", {"budget_minor": facts.budget_minor, "forecast_minor": total})
        decided = [
            LayerRoute(one.kind, one.route, (*one.reasons, over), one.forecast, one.on_location) if n == 0 else one
            for n, one in enumerate(decided)
        ]
    return decided


def _sum(layers: list[LayerRoute]) -> int | None:
    amounts = [layer.forecast.amount_minor for layer in layers]
    return None if None in amounts else sum(amount or 0 for amount in amounts)


def _decide(kind: str, facts: Facts) -> LayerRoute:
    if kind in facts.library and kind != "actor":
        return _layer(kind, "library", (Reason("in_library"),), facts)
    rule = {"actor": _actor, "background": _background, "crowd": _crowd, "effect": _effect}.get(kind, _other)
    origin, reasons = rule(facts)
    return _layer(kind, origin, reasons, facts)


def _actor(facts: Facts) -> tuple[str, tuple[Reason, ...]]:
    reasons = []
    if facts.performance in ACTING:
        reasons.append(Reason("performance", {"performance": facts.performance}))
    if facts.framing in CLOSE:
        reasons.append(Reason("eyes", {"framing": facts.framing}))
    return "captured", tuple(reasons) or (Reason("a_person"),)


def _background(facts: Facts) -> tuple[str, tuple[Reason, ...]]:
    if facts.framing in CLOSE:
        return "procedural", (Reason("soft_focus", {"framing": facts.framing}),)
    if facts.exterior:
        code = "empty_exterior" if facts.framing == "empty" or facts.performance == "none" else "exterior"
        return "generated", (Reason(code, {"framing": facts.framing}),)
    if facts.framing in ("wide", "full", "empty"):
        return "generated", (Reason("seen_sharp", {"framing": facts.framing}),)
    return "procedural", (Reason("interior_by_rule"),)


def _crowd(facts: Facts) -> tuple[str, tuple[Reason, ...]]:
    if facts.framing in CLOSE or facts.framing == "medium":
        return "procedural", (Reason("crowd_behind_focus", {"framing": facts.framing}),)
    if facts.crowd == "few":
        return "captured", (Reason("crowd_few_seen_whole"),)
    return "generated", (Reason("crowd_many"),)


def _effect(facts: Facts) -> tuple[str, tuple[Reason, ...]]:
    if facts.effect in ("rain", "snow"):
        return "procedural", (Reason("weather_by_rule", {"effect": facts.effect}),)
    if facts.effect == "none":  # a layer added by hand: dust, petals, drops at a window
        return "procedural", (Reason("effect_by_rule"),)
    return "generated", (Reason("effect_unsafe_or_unreal", {"effect": facts.effect}),)


def _other(_facts: Facts) -> tuple[str, tuple[Reason, ...]]:
    return "captured", (Reason("comes_with_the_take"),)


def _layer(kind: str, origin: str, reasons: tuple[Reason, ...], facts: Facts) -> LayerRoute:
    return LayerRoute(kind, origin, reasons, forecast(kind, origin, facts), location_forecast(kind, facts))


def forecast(kind: str, origin: str, facts: Facts) -> Forecast:
    """What one layer costs on the route `origin`, by the rate card in `facts`."""
    render_milli_h = _render_milli_hours(facts.duration_frames if kind in ("effect", "actor", "crowd") else 0)
    quantities: dict[str, list[tuple[str, int]]] = {
        "captured": [("captured_day", STAGE_SETUP), ("vfx_day", KEYING_SHARE), ("cpu_hour", render_milli_h)],
        "generated": [("draw", DRAWS_FOR_ONE), ("vfx_day", PLACING_SHARE)],
        "procedural": [("cpu_hour", render_milli_h), ("person_day", LIBRARY_SHARE)],
        "library": [("person_day", LIBRARY_SHARE)],
    }
    chosen = quantities[origin]
    if kind == "background" and origin == "captured":
        return location_forecast(kind, facts)
    if kind == "crowd" and origin == "captured":
        chosen = [("captured_day", EXTRAS_SHARE), ("vfx_day", KEYING_SHARE)]
    if kind in ("sound", "subtitle", "foreground") and origin == "captured":
        chosen = [("person_day", LIBRARY_SHARE)]
    return _priced(chosen, facts)


def location_forecast(kind: str, facts: Facts) -> Forecast:
    """What the layer would cost shot on a real location, to measure a saving against."""
    chosen = {
        "background": [("location_day", LOCATION_SETUP), *([("travel", TRAVEL_SHARE)] if facts.exterior else [])],
        "actor": [("captured_day", STAGE_SETUP)],
        "crowd": [("captured_day", EXTRAS_SHARE)],
        "effect": [("vfx_day", EFFECT_SHARE)],
    }.get(kind, [("person_day", LIBRARY_SHARE)])
    return _priced(chosen, facts)


def _render_milli_hours(frames: int) -> int:
    milliseconds = RENDER_S_PER_PLATE * 1000 + frames * RENDER_MS_PER_FRAME
    return max(1, milliseconds // 3_600)


def _priced(quantities: list[tuple[str, int]], facts: Facts) -> Forecast:
    return Forecast(
        tuple(
            Line(key, quantity, None if key not in facts.rates else (facts.rates[key] * quantity + 500) // 1000)
            for key, quantity in quantities
            if quantity
        )
    )
