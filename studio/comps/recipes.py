"""From a shot's filled layers and the page's settings to a `comp.1` recipe, and back. Pure: no tables are read here.

Settings are plain data, kept per shot: `{layer id: {parameter: value}, "match": {parameter: value}, "hidden": [id]}`.
What is absent is automatic. Parameter names are unique over a layer's sets (key, place): one flat mapping holds both,
and beside them `"masks": [...]`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing.errors import Refused
from compositing.parameters import KEY, MATCH, PARAMETERS, PLACE, Parameter
from compositing.polygons import clean_masks
from compositing.recipe import EXTENDS, FITS, KINDS, METHODS, LayerRecipe, Recipe
from studio.core.engine_sentences import sentence
from studio.core.errors import Invalid

HIDDEN = "hidden"
MASKS = "masks"  # a layer's garbage and holdout polygons, see `compositing.polygons`
# Where a layer sits in time and in its crop: fields of the layer recipe itself, beside the parameter table.
OFFSET = Parameter(
    "frame_offset", "layer", "time", gettext_noop("Starts at"),
    gettext_noop("The source frame shown at the shot's first frame."), -240, 1000, 0, "frames", 1,
)  # fmt: skip
CENTRE = Parameter(
    "centre_milli", "layer", "time", gettext_noop("Crop centre"),
    gettext_noop("Where a wider picture is cropped to the frame: left or top 0, right or bottom 1."), 0, 1000, 500,
)  # fmt: skip
# What the page alone draws over the picture, or reckons with: no recipe holds it, so no picture hangs on it.
HORIZON = Parameter(
    "horizon_milli", "guide", "guides", gettext_noop("Horizon"),
    gettext_noop("Where the background's horizon lies in it, top 0, bottom 1; automatic knows it or reads its lines."),
    -500, 1500, -501, step=5, auto=-501,
)  # fmt: skip
LENS = Parameter(
    "lens_mm", "guide", "guides", gettext_noop("Lens"),
    gettext_noop("The lens that shot the actor, on film 36 mm tall; automatic takes the background's."),
    0, 300, 0, "mm", 1, 0,
)  # fmt: skip
STOP = Parameter(
    "stop_tenths", "guide", "guides", gettext_noop("Aperture"),
    gettext_noop("Tenths of the f-number that the actor was shot with."), 7, 220, 28, "tenths", 1,
)  # fmt: skip
FAR = Parameter(
    "ground_dm", "guide", "guides", gettext_noop("Distance of the background"),
    gettext_noop("How far behind the lens the background lies, in tenths of a metre."), 5, 20_000, 60, "dm", 1,
)  # fmt: skip
LAYER_GUIDES = {HORIZON.name: HORIZON}
MATCH_GUIDES = {guide.name: guide for guide in (LENS, STOP, FAR)}
CHOICES = {"extend": EXTENDS, "fit": FITS, "method": METHODS}
LAYER_PARAMETERS = {p.name: p for p in (*PARAMETERS, OFFSET, CENTRE) if p.set != MATCH}
MATCH_PARAMETERS = {p.name: p for p in PARAMETERS if p.set == MATCH}
# Rain that stops or a crowd that freezes is seen at once; an actor that jumps back is worse than one that holds.
LOOPED = ("effect", "crowd")
FRONT = ".front"  # what the half of an effect in front of the actor is called, behind its layer's own id

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Filling:
    """What fills a layer: an element as the recipe needs it. media: the element's own (see `Element.media`)."""

    element: str
    name: str
    source: str
    origin: str
    ai_made: bool = False
    media: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moving(self) -> bool:
        return int(self.media.get("frame_count") or 1) > 1

    @property
    def has_alpha(self) -> bool:
        return bool(self.media.get("has_alpha"))

    @property
    def has_screen(self) -> bool:
        """Whether the take's check found a screen; takes checked before this was kept are taken to have one."""
        return bool(self.media.get("screen", True))

    def frames_at(self, fps: Fraction) -> int:
        """How many frames it lasts in the production's rate; 1 for a picture."""
        own = Fraction(int(self.media.get("fps_num") or 0) or fps.numerator, int(self.media.get("fps_den") or 0) or 1)
        if not self.media.get("fps_num"):
            own = fps
        count = int(self.media.get("frame_count") or 1)
        # 23.976 against 24 is conformed frame for frame, as the engine does.
        return count if abs(fps / own - 1) < Fraction(15, 10_000) else max(1, ceil(count * fps / own - Fraction(1, 5)))


@dataclass(frozen=True)
class LayerFacts:
    """One layer of the shot, from the bottom up. filling None: nothing fills it yet."""

    id: str
    kind: str
    name: str
    order: int
    filling: Filling | None = None

    @property
    def visual(self) -> bool:
        return self.kind in KINDS

    @property
    def keyed(self) -> bool:
        """An actor before a screen is keyed, and so is anything filmed to stand in front, unless it has an alpha."""
        if self.filling is None or self.filling.has_alpha or self.kind == "background":
            return False
        return self.kind == "actor" or self.filling.origin == "captured"

    @property
    def maskable(self) -> bool:
        """Whether garbage and holdouts may be drawn on it: an actor, or anything else that is keyed."""
        return self.filling is not None and (self.kind == "actor" or self.keyed)


@dataclass(frozen=True)
class ShotFacts:
    code: str
    width: int
    height: int
    fps_num: int
    fps_den: int
    duration_frames: int
    layers: tuple[LayerFacts, ...]
    network: str | None = None  # digest of the person segmenter, where it is installed

    @property
    def fps(self) -> Fraction:
        return Fraction(self.fps_num, self.fps_den)


def hidden(values: Values) -> frozenset[str]:
    return frozenset(values.get(HIDDEN, ()))


def shown(facts: ShotFacts, values: Values) -> list[LayerFacts]:
    """The layers a recipe made now would hold: visual, filled, not hidden; from the bottom up."""
    off = hidden(values)
    layers = sorted(facts.layers, key=lambda layer: layer.order)
    return [layer for layer in layers if layer.visual and layer.filling and layer.id not in off]


def missing(facts: ShotFacts, values: Values) -> list[LayerFacts]:
    """Visual layers that nothing fills and nobody hid: a version waits for them."""
    off = hidden(values)
    return [layer for layer in facts.layers if layer.visual and not layer.filling and layer.id not in off]


def missing_sentence(layer: LayerFacts) -> str:
    """What to do about an empty layer."""
    if layer.kind == "actor":
        return _("The layer “%(name)s” is empty: circle a take for it, or hide it.") % {"name": layer.name}
    return _("The layer “%(name)s” is empty: pick a draw or upload a plate for it, or hide it.") % {"name": layer.name}


def frame_count(facts: ShotFacts, values: Values) -> int:
    """How long the comp is: as planned, but never longer than the acting there is, unless that is told to loop."""
    lengths = [
        layer.filling.frames_at(facts.fps) - int(values.get(layer.id, {}).get(OFFSET.name, 0))
        for layer in shown(facts, values)
        if layer.filling and layer.kind == "actor" and layer.filling.moving and "extend" not in values.get(layer.id, {})
    ]
    return max(1, min([facts.duration_frames, *lengths]))


def build(facts: ShotFacts, values: Values, *, mode: str = "fast") -> Recipe:
    """The recipe of the shot's filled, visible layers.

    Raises Invalid with a sentence where nothing fills the shot or a value is out of range.
    """
    layers = shown(facts, values)
    if not layers:
        raise Invalid(_("No layer of this shot is filled and visible yet. Circle a take or pick a plate first."))
    try:
        made = [(layer, _layer(layer, _with_its_place(layer, values), facts.network)) for layer in layers]
        return Recipe(
            width=facts.width, height=facts.height, fps_num=facts.fps_num, fps_den=facts.fps_den,
            frame_count=frame_count(facts, values), mode=mode,
            layers=tuple(_around(made)),
            match={name: value for name, value in values.get(MATCH, {}).items() if name not in MATCH_GUIDES},
        )  # fmt: skip
    except Refused as error:
        raise Invalid(str(error)) from error


def _around(made: list[tuple[LayerFacts, LayerRecipe]]) -> list[LayerRecipe]:
    """The layers from the bottom up; an effect drawn around the actor lies behind all actors with one half and in
    front of them with the other, as its draw parted it by the actor's distance. What lies at the windows of a place is
    a part of it: it follows the backgrounds, behind whoever stands there."""
    made = _at_the_windows(made)
    kinds = [layer.kind for layer, _recipe in made]
    if "actor" not in kinds:
        return [part for layer, recipe in made for part in (recipe, *_front(layer, recipe))]
    first, last = kinds.index("actor"), len(kinds) - 1 - kinds[::-1].index("actor")
    behind: list[LayerRecipe] = []
    between: list[LayerRecipe] = []
    front: list[LayerRecipe] = []
    for n, (layer, recipe) in enumerate(made):
        before = _front(layer, recipe)
        if not before:
            (behind if n < first else between if n <= last else front).append(recipe)
            continue
        behind.append(recipe)
        front += before
    return [*behind, *between, *front]


def _in_place(layer: LayerFacts) -> bool:
    return layer.kind == "effect" and layer.filling is not None and bool(layer.filling.media.get("in_place"))


def _at_the_windows(made: list[tuple[LayerFacts, LayerRecipe]]) -> list[tuple[LayerFacts, LayerRecipe]]:
    grounds = [n for n, (layer, _recipe) in enumerate(made) if layer.kind == "background"]
    if not grounds:
        return made
    panes = [pair for pair in made[grounds[-1] :] if _in_place(pair[0])]
    rest = [pair for pair in made[grounds[-1] + 1 :] if not _in_place(pair[0])]
    return [*made[: grounds[-1] + 1], *panes, *rest]


def _with_its_place(layer: LayerFacts, values: Values) -> Mapping[str, Any]:
    """A layer's own settings; what lies at the windows, and passers-by drawn on its ground, are as much out of focus as
    the place is, unless told."""
    given = values.get(layer.id, {})
    blur = values.get(MATCH, {}).get("background_defocus_px_milli", 0)
    return {"defocus_px_milli": blur, **given} if blur and (_in_place(layer) or _on_its_ground(layer)) else given


def _on_its_ground(layer: LayerFacts) -> bool:
    return layer.kind == "crowd" and layer.filling is not None and bool(layer.filling.media.get("has_alpha"))


def _front(layer: LayerFacts, recipe: LayerRecipe) -> list[LayerRecipe]:
    """The half in front of the actor of an effect drawn around one; nothing of any other layer."""
    source = layer.filling.media.get("front") if layer.filling is not None and layer.kind == "effect" else None
    return [replace(recipe, id=f"{recipe.id}{FRONT}", source=str(source))] if source else []


def method_of(layer: LayerFacts, given: Mapping[str, Any], network: str | None) -> str:
    """What makes the layer's matte: as chosen, else its screen, else the person where one can be told."""
    if not layer.keyed or layer.filling is None:
        return METHODS[0]
    return str(given.get("method") or ("person" if network and not layer.filling.has_screen else METHODS[0]))


def _loops(layer: LayerFacts) -> bool:
    """Whether it starts again where nobody chose: effects, and any clip whose last frame leads into its first."""
    filling = layer.filling
    return filling is not None and filling.moving and bool(filling.media.get("loops", layer.kind in LOOPED))


def _extend(layer: LayerFacts) -> str:
    """What it does at its end where nobody chose: an effect that is over is gone, an actor stays."""
    moving = layer.filling is not None and layer.filling.moving
    return "loop" if _loops(layer) else "clear" if layer.kind in LOOPED and moving else "hold"


def _layer(layer: LayerFacts, given: Mapping[str, Any], network: str | None = None) -> LayerRecipe:
    assert layer.filling is not None
    method = method_of(layer, given, network)
    hinted = layer.keyed and (method == "person" or given.get("hint_milli", 1000) > 0)
    sets: dict[str, dict[str, int]] = {KEY: {}, PLACE: {}, "layer": {}}
    for name, value in given.items():
        if name in LAYER_PARAMETERS:
            sets[LAYER_PARAMETERS[name].set][name] = value
    centre = sets["layer"].get(CENTRE.name, layer.filling.media.get(CENTRE.name))
    return LayerRecipe(
        id=layer.id,
        kind=layer.kind,
        source=layer.filling.source,
        frame_offset=sets["layer"].get(OFFSET.name, 0),
        fit=given.get("fit", FITS[0]),
        centre_milli=500 if centre is None else centre,
        extend=given.get("extend", _extend(layer)),
        key=sets[KEY] if layer.keyed else None,
        method=method,
        hint=network if hinted else None,
        place=sets[PLACE],
        masks=tuple(given.get(MASKS, ())) if layer.maskable else (),
    )


def clean(values: Any, layer_ids: Iterable[str]) -> dict[str, Any]:
    """Settings as they are stored: known layers and parameters only, whole numbers in range, defaults left out.

    Raises Invalid naming what is wrong. Layers that the shot no longer has are dropped without a word.
    """
    if not isinstance(values, Mapping):
        raise Invalid(_("Settings must be a JSON object of layers and their parameters."))
    known = set(layer_ids)
    kept: dict[str, Any] = {}
    for key in sorted(map(str, values)):
        if key == HIDDEN:
            if not isinstance(values[key], (list, tuple)):
                raise Invalid(_("“hidden” must be a list of layers."))
            if off := sorted(known & set(map(str, values[key]))):
                kept[HIDDEN] = off
        elif key == MATCH or key in known:
            whole = key == MATCH
            table = MATCH_PARAMETERS | MATCH_GUIDES if whole else LAYER_PARAMETERS | LAYER_GUIDES
            if part := _clean_part(values[key], table, {} if whole else CHOICES, masked=not whole):
                kept[key] = part
    return kept


def _clean_part(
    part: Any, table: Mapping[str, Parameter], choices: Mapping[str, tuple[str, ...]], *, masked: bool
) -> dict[str, Any]:
    if not isinstance(part, Mapping):
        raise Invalid(_("A layer's settings must be a JSON object of parameters."))
    kept: dict[str, Any] = {}
    for name in sorted(map(str, part)):
        value = part[name]
        if name in choices:
            if value not in choices[name]:
                raise Invalid(
                    _("“%(name)s” must be one of %(choices)s.") % {"name": name, "choices": ", ".join(choices[name])}
                )
            kept[name] = value
            continue
        if name == MASKS and masked:
            if masks := _clean_masks(value):
                kept[name] = masks
            continue
        parameter = table.get(name)
        if parameter is None:
            raise Invalid(_("There is no parameter “%(name)s”.") % {"name": name})
        if isinstance(value, bool) or not isinstance(value, int) or not parameter.minimum <= value <= parameter.maximum:
            raise Invalid(
                _("“%(name)s” must be a whole number from %(low)s to %(high)s, not %(value)s.")
                % {"name": name, "low": parameter.minimum, "high": parameter.maximum, "value": value}
            )
        # A crop centre may come from the take, so its own default is a choice like any other.
        if value != parameter.default or parameter is CENTRE:
            kept[name] = value
    return kept


def _clean_masks(value: Any) -> list[dict[str, Any]]:
    try:
        return list(clean_masks(value))
    except Refused as error:
        raise Invalid(sentence(error.code, error.params, str(error))) from error


def values_of(recipe: Mapping[str, Any], facts: ShotFacts) -> dict[str, Any]:
    """The settings a stored recipe was made with, so that the shot's page shows that picture again.

    Layers that the shot no longer has are left out; layers that the recipe did not have are hidden.
    """
    stored = Recipe.from_dict(recipe)
    layers = {layer.id: layer for layer in facts.layers if layer.visual}
    values: dict[str, Any] = {MATCH: dict(stored.match)}
    for layer in stored.layers:
        if layer.id not in layers:
            continue
        given: dict[str, Any] = {**(layer.key or {}), **layer.place, OFFSET.name: layer.frame_offset}
        automatic = _layer(layers[layer.id], {}, facts.network) if layers[layer.id].filling else None
        if layer.masks:
            given[MASKS] = [dict(mask) for mask in layer.masks]
        for name in ("extend", "fit", "method", CENTRE.name):
            if automatic is None or getattr(layer, name) != getattr(automatic, name):
                given[name] = getattr(layer, name)
        values[layer.id] = given
    values[HIDDEN] = sorted(set(layers) - {layer.id for layer in stored.layers})
    return clean(values, layers)


def layer_digest(layer: LayerRecipe, recipe: Recipe | None = None) -> str:
    """What an approval of this layer is bound to: the artefact's bytes and everything done to them; with its recipe
    also those of the half that lies in front of the actor."""
    parts = [layer, *(one for one in (recipe.layers if recipe else ()) if one.id == f"{layer.id}{FRONT}")]
    return hashlib.sha256(":".join(f"{one.source}:{one.sha256()}" for one in parts).encode()).hexdigest()


def changed(before: Values, after: Values) -> list[list[str]]:
    """`[[layer id or "match" or "hidden", parameter], ...]`: what a step of the history changed."""
    steps: list[list[str]] = []
    for key in sorted({*before, *after}):
        if key == HIDDEN:
            steps += [[HIDDEN, layer] for layer in sorted(hidden(before) ^ hidden(after))]
            continue
        old, new = before.get(key, {}), after.get(key, {})
        steps += [[key, name] for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return steps
