"""How a layer's draws suit the light on the shot's actor: measured once per picture by a quick job, then only read."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from compositing.hints.models import NETWORK, installed
from compositing.recipe import LayerRecipe, Recipe
from studio.generation import swatches
from studio.generation.models import Draw, PictureLight
from studio.jobs.models import Job
from studio.jobs.services import submit
from studio.productions.models import Layer, LayerKind, Shot

VERSION = 1  # of what is measured: the engine's `compositing.lights.VERSION`
KIND = "generation.lights"
ACTOR, SCENE = PictureLight.Whose.ACTOR, PictureLight.Whose.SCENE
APART_DEGREES, APART_COLOUR_MILLI = 30, 6_000  # from these on two lights are seen to be two: each weighs one
MOST_FRAMES = 240

# What shows a shot's layers mirrored (the comp page's settings do) registers here: shot -> ids of those layers.
MIRRORED: list[Callable[[Shot], frozenset[str]]] = []


@dataclass(frozen=True)
class Fit:
    """A draw's light against the actor's. apart: degrees between the sides they come from; None: one of them has none.
    colour_milli: dE. weight: both against what is seen, in thousandths; the less, the better. mirrored: it would suit
    better the other way round, by that many degrees."""

    apart: int | None
    colour_milli: int
    weight: int
    mirrored: int | None = None

    @property
    def colour(self) -> str:
        return f"{self.colour_milli / 1000:.1f}"

    @property
    def suits(self) -> bool:
        return (self.apart or 0) <= APART_DEGREES and self.colour_milli <= APART_COLOUR_MILLI


@dataclass(frozen=True)
class Fits:
    """actor: the layer whose light counts, None where no film is there; light: on it, {} where no face is seen, None
    while it is not measured. rows: by the draw's id. waiting: how many pictures are not measured yet."""

    actor: Layer | None
    light: Mapping[str, Any] | None
    rows: Mapping[Any, Fit]
    waiting: int


def actor_of(shot: Shot) -> Layer | None:
    """The shot's foremost actor that something fills."""
    rows = shot.layers.filter(kind=LayerKind.ACTOR, element__isnull=False)
    return rows.select_related("element__artefact", "shot__production").order_by("-order").first()


def mirrored(shot: Shot) -> frozenset[str]:
    return frozenset().union(*(told(shot) for told in MIRRORED))


def picture_of(draw: Draw) -> str | None:
    """The sha256 of the picture that a draw's light is read off: its poster, or itself."""
    return draw.poster_id or draw.artefact_id


def read(layer: Layer, draws: Iterable[Draw]) -> Fits:
    """How the finished among `draws` suit the shot's actor."""
    finished = [draw for draw in draws if draw.artefact_id]
    actor = actor_of(layer.shot)
    wanted = {sha for draw in finished if (sha := picture_of(draw))}
    scenes = _known(SCENE, wanted)
    own = None if actor is None or actor.element is None else _known(ACTOR, {actor.element.artefact_id})
    light = None if not own else next(iter(own.values()))
    waiting = len(wanted - scenes.keys()) + (actor is not None and light is None)
    if actor is None or not light:
        return Fits(actor, light, {}, waiting)
    turned = mirrored(layer.shot)
    if str(actor.pk) in turned:
        light = {**light, "azimuth": -light["azimuth"]}
    flipped = str(layer.pk) in turned
    rows = {
        draw.pk: fit(light, scenes[sha], draw.media, flipped=flipped)
        for draw in finished
        if (sha := picture_of(draw)) in scenes
    }
    return Fits(actor, light, rows, waiting)


def fit(actor: Mapping[str, Any], scene: Mapping[str, Any], media: Mapping[str, Any], *, flipped: bool = False) -> Fit:
    """actor: as `KeyLight.to_dict` tells it; scene: as `SceneLight.to_dict`; media: the draw's: what was drawn by rule
    knows where its sun or its lamp stands, though neither may be in the picture."""
    known = media.get("light") or {}
    sided = known.get("source") in ("sun", "key") and "azimuth" in known
    aside = side_of(known["azimuth"], known["elevation"]) if sided else float(scene["aside"])
    aside = -aside if flipped else aside
    own = side_of(actor["azimuth"], actor["elevation"])
    colour = round(1000 * distance(added(actor), scene["light_milli"]))
    if not actor["believed"] or (scene["even"] and not sided):
        return Fit(None, colour, round(1000 * colour / APART_COLOUR_MILLI))
    apart, other = round(abs(own - aside)), round(abs(own + aside))
    weight = round(1000 * (apart / APART_DEGREES + colour / APART_COLOUR_MILLI))
    return Fit(apart, colour, weight, other if apart > APART_DEGREES and other < apart - 10 else None)


def added(actor: Mapping[str, Any]) -> list[int]:
    """Key and ambient of the actor together."""
    return [key + rest for key, rest in zip(actor["colour_milli"], actor["ambient_milli"], strict=True)]


def side_of(azimuth: float, elevation: float) -> float:
    """Degrees right (or, negative, left) of the lens, from before or behind; as `compositing.light.side_of`."""
    return math.degrees(math.asin(math.sin(math.radians(azimuth)) * math.cos(math.radians(elevation))))


def distance(one: Iterable[float], other: Iterable[float]) -> float:
    """dE (CIE 1976) between middle grey in two lights, linear RGB of any scale; as `compositing.light.compared`."""
    return math.dist(_grey_in(list(one)), _grey_in(list(other)))


def _grey_in(light: list[float]) -> swatches.Lab:
    """Middle grey under a light, in CIELAB."""
    r, g, b = light
    shine = max(1e-6, 0.2126 * r + 0.7152 * g + 0.0722 * b)
    r, g, b = (min(1.0, max(0.0, 0.18 * value / shine)) for value in (r, g, b))
    return swatches.lab_of_light(r, g, b)


# -- measuring


@transaction.atomic
def ask(layer: Layer, actor: Any) -> Job:
    """Queue what is not measured; one job per layer at a time."""
    return submit(
        KIND, production_id=layer.shot.production_id, subject=layer.shot, title=f"{layer.shot.code} · {layer.name}",
        payload={"layer": str(layer.pk)}, key=f"lights:{layer.pk}", created_by=actor, again=True,
    )  # fmt: skip


def last_job(layer: Layer) -> Job | None:
    return Job.objects.filter(kind=KIND, payload__layer=str(layer.pk)).order_by("-created_at").first()


def missing(layer: Layer) -> tuple[list[str], tuple[str, dict[str, Any]] | None]:
    """(pictures of the layer's draws that are not measured; the actor's take and the recipe to measure it by, None
    where that is done or nothing is there to measure)."""
    rows = layer.draws.filter(artefact__isnull=False, replay_of=None)
    wanted = {sha for draw in rows if (sha := picture_of(draw))}
    pictures = sorted(wanted - _known(SCENE, wanted).keys())
    actor = actor_of(layer.shot)
    if actor is None or actor.element is None or _known(ACTOR, {actor.element.artefact_id}):
        return pictures, None
    return pictures, (actor.element.artefact_id, recipe_of(actor).to_dict())


def recipe_of(actor: Layer) -> Recipe:
    """The actor alone, keyed automatically."""
    assert actor.element is not None
    production, media = actor.shot.production, actor.element.media
    person = not media.get("screen", True) and installed()
    layer = LayerRecipe(
        "actor", "actor", actor.element.artefact_id, centre_milli=media.get("centre_milli") or 500, key={},
        method="person" if person else "screen", hint=NETWORK if person else None,
    )  # fmt: skip
    frames = min(actor.shot.duration_frames, int(media.get("frame_count") or 1), MOST_FRAMES)
    return Recipe(production.width, production.height, production.fps_num, production.fps_den, max(1, frames), (layer,))


def keep(whose: str, lights: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Record lights by their picture's sha256."""
    rows = [
        PictureLight(artefact_id=sha, whose=whose, version=VERSION, light=light or {}) for sha, light in lights.items()
    ]
    PictureLight.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["artefact", "whose"], update_fields=["version", "light"],
    )  # fmt: skip


def _known(whose: str, pictures: set[str]) -> dict[str, dict[str, Any]]:
    rows = PictureLight.objects.filter(artefact__in=pictures, whose=whose, version=VERSION)
    return dict(rows.values_list("artefact", "light"))


def layer_of(name: str) -> Layer:
    return Layer.objects.select_related("shot__production").get(pk=UUID(name))
