"""The episode's sums above the board: approved, made of, spent, saved, and what blocks the release."""

from dataclasses import dataclass
from typing import Any

from studio.comps.models import VersionLayer
from studio.pipeline.board import DONE, UNSEEN, Card, layer_origin, spent
from studio.productions.models import Episode, Origin, Rate
from studio.releases.models import CutItem, Release
from studio.releases.snapshot import last_frame


@dataclass
class Summary:
    """approved of shots; made_of:

    [(origin, permille)] of the seconds; saved_missing: labels of rates that a saving needs.
    """

    shots: int
    approved: int
    states: list[tuple[str, float]]
    made_of: list[tuple[str, float]]
    spent_minor: int
    budget_minor: int | None
    spent_permille: float
    saved_minor: int | None
    saved_permille: float
    saved_layers: int
    saved_missing: list[str]
    frames: int
    # What the cut plays, which may be less than what is planned; 0: nothing is in it yet.
    cut_frames: int
    release: Release | None
    blocks: list[dict[str, Any]]


def summary_of(episode: Episode, cards: list[Card]) -> Summary:
    """The sums over `cards`, omitted shots left out."""
    live = [card for card in cards if card.shot.state != "omitted"]
    count = len(live)
    states = []
    for state, names in (("approved", DONE), ("in_review", ("in_review",)), ("changes", ("changes",))):
        number = sum(1 for card in live if card.shot.state in names)
        if number:
            states.append((state, number * 1000 / count))
    production = episode.production
    saved_minor, full_minor, layers, missing = savings(live)
    total = spent(production)
    release = Release.objects.filter(episode=episode).order_by("-number").first()
    return Summary(
        shots=count,
        approved=sum(1 for card in live if card.shot.state in DONE),
        states=states,
        made_of=made_of(live),
        spent_minor=total,
        budget_minor=production.budget_minor,
        spent_permille=total * 1000 / production.budget_minor if production.budget_minor else 0,
        saved_minor=saved_minor,
        saved_permille=saved_minor * 1000 / full_minor if saved_minor is not None and full_minor else 0,
        saved_layers=layers,
        saved_missing=missing,
        frames=sum(card.shot.duration_frames for card in live),
        cut_frames=cut_frames(episode),
        release=release,
        blocks=[check for check in release.checks if check.get("state") == "block"] if release else [],
    )


def cut_frames(episode: Episode) -> int:
    """How many frames the episode's cut plays."""
    rows = CutItem.objects.filter(cut__episode=episode, version__isnull=False).select_related("version")
    return sum(last_frame(item) - item.frame_in + 1 for item in rows)


def made_of(cards: list[Card]) -> list[tuple[str, float]]:
    """Each origin's share of the episode's seconds, in thousandths, in the order of the legend.

    A shot's seconds are split evenly among the picture layers of its newest version, else among its layers as they
    stand;
    layers without an origin are left out.
    """
    heads = [card.head.pk for card in cards if card.head]
    made: dict[Any, list[str]] = {}
    for row in VersionLayer.objects.filter(version__in=heads).exclude(kind__in=UNSEEN).values("version", "origin"):
        made.setdefault(row["version"], []).append(row["origin"])
    sums = dict.fromkeys(Origin.values, 0.0)
    for card in cards:
        origins = made.get(card.head.pk if card.head else None) or [layer_origin(layer) for layer in card.layers]
        origins = [origin for origin in origins if origin]
        for origin in origins:
            sums[origin] += card.shot.duration_frames / len(origins)
    total = sum(sums.values())
    return [(origin, share * 1000 / total) for origin, share in sums.items() if share] if total else []


def savings(cards: list[Card]) -> tuple[int | None, int, int, list[str]]:
    """What the routes save against a full location shoot: (saved, full cost, layers counted, missing rates).

    None where no layer has both figures: then the labels say which rates are missing.
    """
    saved = full = layers = 0
    missing: dict[str, str] = {}
    for card in cards:
        for layer in card.layers:
            forecast = layer.forecast or {}
            location = forecast.get("on_location") or {}
            against = location.get("amount_minor")
            for key in [*forecast.get("missing", []), *location.get("missing", [])]:
                missing[key] = str(Rate.Key(key).label) if key in Rate.Key.values else key
            if not layer.route or against is None or forecast.get("amount_minor") is None:
                continue
            layers += 1
            saved += against - forecast["amount_minor"]
            full += against
    if not layers:
        return None, 0, 0, list(missing.values())
    return saved, full, layers, list(missing.values())
