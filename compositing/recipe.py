"""What a composite is made of: a versioned, hashable recipe. Standard library only, so that pages may build one.

A recipe names its sources by sha256 and holds integers only (thousandths as `*_milli`, pixels as `*_px_milli`), so its
canonical JSON, and with it the digest a decision is bound to, is the same on every machine.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from compositing.errors import Refused
from compositing.parameters import KEY, MATCH, PARAMETERS, PLACE, Parameter, clean_values
from compositing.polygons import clean_masks
from compositing.upgrades import upgrade

__all__ = [
    "EXTENDS", "FITS", "KEY", "KINDS", "LAYER_VIEWS", "MATCH", "METHODS", "MODES", "PARAMETERS", "PLACE", "SCHEMA",
    "VIEWS", "LayerRecipe", "Parameter", "Recipe", "canonical_json", "digest", "plain",
]  # fmt: skip

SCHEMA = "comp.1"
KINDS = ("background", "crowd", "actor", "effect", "foreground")
FITS = ("cover", "contain", "stretch")
EXTENDS = ("hold", "loop", "clear")  # what a layer shows once its source has run out
METHODS = ("screen", "person")  # what makes the matte: the screen's colour, or the person segmenter without one
MODES = ("fast", "best")
# What a still can show. "foreground" stands on grey; "status" is the matte in three levels; "spill" what despill took.
VIEWS = (
    "comp", "matte", "status", "foreground", "foreground_checker", "foreground_black", "foreground_red", "plate",
    "difference", "spill",
)  # fmt: skip
LAYER_VIEWS = tuple(view for view in VIEWS if view != "comp")


def canonical_json(data: Any) -> str:
    """The one spelling of `data`: sorted keys, no spaces, UTF-8. Raises Refused for a float anywhere in it."""
    _no_floats(data, "recipe")
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(data: Any) -> str:
    """sha256 (hex) of the canonical JSON of `data`."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


@dataclass(frozen=True)
class LayerRecipe:
    """One layer: which source, where it sits, how it is keyed. Layers stand in a recipe from the bottom up.

    id: a name unique within the recipe (the studio uses its layer's id).
    kind: one of KINDS. source: sha256 (hex) of the artefact.
    frame_offset: the source frame shown at the recipe's frame 0 (may be negative: the layer starts later).
    fit: how the source meets the frame; centre_milli: where a cover crop is centred, 0 left or top .. 1000.
    extend: what is shown once the source has run out; a picture always holds.
    key: keyer parameters (see PARAMETERS, set "key"); {} or None is automatic. An actor without alpha of its own is
    always keyed; any other layer is keyed only if `key` is not None.
    clean_plate: sha256 of a picture of the empty screen, or None.
    place: see PARAMETERS, set "place".
    masks: garbage and holdout polygons with their keys, see `compositing.polygons`.
    method: one of METHODS. hint: the digest of the person segmenter that helps the key, or makes the matte (see
    `compositing.hints.models`); None: the picture is made without it, on any machine.
    """

    id: str
    kind: str
    source: str
    frame_offset: int = 0
    fit: str = "cover"
    centre_milli: int = 500
    extend: str = "hold"
    key: Mapping[str, int] | None = None
    clean_plate: str | None = None
    place: Mapping[str, int] = field(default_factory=dict)
    masks: tuple[Mapping[str, Any], ...] = ()
    method: str = "screen"
    hint: str | None = None

    def __post_init__(self) -> None:
        if not self.id or len(self.id) > 64:
            raise Refused(f"A layer needs a name of 1 to 64 characters, got {self.id!r}.")
        _one_of(self.kind, KINDS, "A layer's kind")
        _one_of(self.fit, FITS, "A layer's fit")
        _one_of(self.extend, EXTENDS, "What a layer does at its end")
        _sha(self.source, f"The source of layer {self.id}")
        if self.clean_plate is not None:
            _sha(self.clean_plate, f"The clean plate of layer {self.id}")
        _whole(self.frame_offset, -1_000_000, 1_000_000, "frame_offset")
        _whole(self.centre_milli, 0, 1000, "centre_milli")
        if self.key is not None:
            object.__setattr__(self, "key", clean_values(KEY, self.key))
        object.__setattr__(self, "place", clean_values(PLACE, self.place))
        object.__setattr__(self, "masks", clean_masks(self.masks))
        _one_of(self.method, METHODS, "A layer's method")
        if self.hint is not None:
            _sha(self.hint, f"The hint of layer {self.id}")
        if self.method == "person" and self.hint is None:
            raise Refused(
                f"Layer {self.id} is to be matted by the person segmenter, which is not installed. "
                "Run `python -m compositing hints install` where the studio runs, or key it by its screen.",
                code="hint_needed", layer=self.id,
            )  # fmt: skip
        if self.masks and self.kind != "actor" and self.key is None:
            raise Refused(f"Only an actor or a keyed layer takes masks; layer {self.id} is neither.")

    def to_dict(self) -> dict[str, Any]:
        """Plain data without the values that equal their default, so that a digest does not depend on its writer."""
        data: dict[str, Any] = {
            "id": self.id, "kind": self.kind, "source": self.source, "frame_offset": self.frame_offset,
            "fit": self.fit, "centre_milli": self.centre_milli, "extend": self.extend,
        }  # fmt: skip
        if self.key is not None:
            data["key"] = dict(self.key)
        if self.clean_plate is not None:
            data["clean_plate"] = self.clean_plate
        if self.place:
            data["place"] = dict(self.place)
        if self.masks:
            data["masks"] = [dict(mask) for mask in self.masks]
        if self.method != "screen":
            data["method"] = self.method
        if self.hint is not None:
            data["hint"] = self.hint
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LayerRecipe":
        return cls(**_known(data, cls, "layer"))

    def sha256(self) -> str:
        """The digest an approval of this layer is bound to: its source's bytes and everything done to them."""
        return digest(self.to_dict())

    def sources(self) -> tuple[str, ...]:
        """Every artefact (sha256) this layer reads."""
        return (self.source,) if self.clean_plate is None else (self.source, self.clean_plate)


@dataclass(frozen=True)
class Recipe:
    """A whole composite. width and height in pixels (even), rate as a rational, layers from the bottom up.

    match: see PARAMETERS, set "match" (colour match, light wrap, grain, defocus: matters of taste).
    """

    width: int
    height: int
    fps_num: int
    fps_den: int
    frame_count: int
    layers: tuple[LayerRecipe, ...]
    mode: str = "fast"
    match: Mapping[str, int] = field(default_factory=dict)
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise Refused(f"Expected a {SCHEMA} recipe, got {self.schema!r}; read stored ones with Recipe.from_dict.")
        for name, low, high in (("width", 16, 8192), ("height", 16, 8192)):
            value = _whole(getattr(self, name), low, high, name)
            if value % 2:
                raise Refused(f"The {name} must be even, got {value}: H.264 stores colour for every second pixel.")
        _whole(self.fps_num, 1, 1_000_000, "fps_num")
        _whole(self.fps_den, 1, 100_000, "fps_den")
        _whole(self.frame_count, 1, 1_000_000, "frame_count")
        _one_of(self.mode, MODES, "The mode")
        layers = tuple(self.layers)
        if not layers:
            raise Refused("A recipe needs at least one layer.")
        ids = [layer.id for layer in layers]
        if len(set(ids)) != len(ids):
            raise Refused("Two layers of a recipe share a name; each needs its own.")
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "match", clean_values(MATCH, self.match))

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": self.schema, "width": self.width, "height": self.height, "fps_num": self.fps_num,
            "fps_den": self.fps_den, "frame_count": self.frame_count, "mode": self.mode,
            "layers": [layer.to_dict() for layer in self.layers], "match": dict(self.match),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Recipe":
        """Read a stored recipe of any schema ever shipped. Raises Refused with the field's name."""
        fields = _known(upgrade(dict(data)), cls, "recipe")
        layers = fields.get("layers")
        if not isinstance(layers, Iterable) or isinstance(layers, (str, bytes, Mapping)):
            raise Refused("A recipe's layers must be a list.")
        fields["layers"] = tuple(LayerRecipe.from_dict(layer) for layer in layers)
        return cls(**fields)

    def to_json(self) -> str:
        return canonical_json(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        try:
            data = json.loads(text)
        except ValueError as error:
            raise Refused(f"The recipe is not valid JSON: {error}.") from error
        if not isinstance(data, dict):
            raise Refused("A recipe must be a JSON object.")
        return cls.from_dict(data)

    def sha256(self) -> str:
        return digest(self.to_dict())

    def sources(self) -> tuple[str, ...]:
        """Every artefact (sha256) the recipe reads, each once, in layer order."""
        return tuple(dict.fromkeys(sha for layer in self.layers for sha in layer.sources()))

    def layer(self, layer_id: str) -> LayerRecipe:
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise Refused(f"The recipe has no layer {layer_id!r}.")

    def with_layer(self, changed: LayerRecipe) -> "Recipe":
        """The same recipe with the layer of that id replaced."""
        self.layer(changed.id)
        return replace(self, layers=tuple(changed if old.id == changed.id else old for old in self.layers))


def plain(recipe: Recipe) -> Recipe:
    """The recipe without colour match, grain, light wrap or defocus, so that it can be held against a truth."""
    return replace(recipe, match={p.name: 0 for p in PARAMETERS if p.set == MATCH and p.taste})


def _no_floats(data: Any, where: str) -> None:
    if isinstance(data, float):
        raise Refused(f"{where} holds {data!r}: recipes hold whole numbers only (thousandths).")
    if isinstance(data, Mapping):
        for key, value in data.items():
            _no_floats(value, f"{where}.{key}")
    elif isinstance(data, (list, tuple)):
        for index, value in enumerate(data):
            _no_floats(value, f"{where}[{index}]")


def _known(data: Mapping[str, Any], cls: type, what: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise Refused(f"A {what} must be a JSON object, got {type(data).__name__}.")
    names = set(cls.__dataclass_fields__)  # type: ignore[attr-defined]
    if unknown := sorted(set(data) - names):
        raise Refused(f"The {what} has unknown fields: {', '.join(map(str, unknown))}.")
    required = {"Recipe": ("width", "height", "fps_num", "fps_den", "frame_count", "layers")}
    needed = required.get(cls.__name__, ("id", "kind", "source"))
    if missing := [name for name in needed if name not in data]:
        raise Refused(f"The {what} lacks {', '.join(missing)}.")
    return dict(data)


def _whole(value: Any, low: int, high: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(f"{name} must be a whole number from {low} to {high}, got {value!r}.")
    return value


def _one_of(value: Any, choices: tuple[str, ...], what: str) -> None:
    if value not in choices:
        raise Refused(f"{what} must be one of {', '.join(choices)}, got {value!r}.")


def _sha(value: Any, what: str) -> None:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise Refused(f"{what} must be a sha256 in 64 lower-case hex digits, got {value!r}.")
