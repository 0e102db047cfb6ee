"""Garbage and holdout polygons as data: what a recipe keeps of them, and where they stand at a frame. Standard library
only, so that pages may check them.

A mask is `{"id", "kind", "keys", "name"?, "feather_px_milli"?, "invert"?, "off"?}`. keys: `[{"frame", "points"}]`, by
frame; points: `[[x, y], ...]` in ten-thousandths of the layer's own frame (0, 0 its upper left corner, 10000, 10000 its
lower right), before the layer is placed. frame: the layer's own frame, so that a mask stays on what it was drawn on
when the layer is moved in time. Every key of a mask has the same number of points; between two keys each point moves in
a straight line at an even speed, before the first and after the last it stands still.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from compositing.errors import Refused

GARBAGE, HOLDOUT = "garbage", "holdout"
MASK_KINDS = (GARBAGE, HOLDOUT)
UNIT = 10_000
LOW, HIGH = -UNIT, 2 * UNIT  # a point may stand outside the frame, by one frame at most
MAX_MASKS, MAX_KEYS, MAX_POINTS = 32, 500, 200
MAX_FEATHER = 400_000  # thousandths of a pixel at 1080 wide
MAX_FRAME = 1_000_000
FIELDS = {"id", "kind", "keys", "name", "feather_px_milli", "invert", "off"}


def clean_masks(given: Any) -> tuple[dict[str, Any], ...]:
    """Masks as a recipe keeps them: checked, keys by frame, what equals its default left out.

    Raises Refused (bad_mask) with a sentence that names the mask and what is wrong with it.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Sequence):
        raise _bad("A layer's masks must be a list.", "not_a_list")
    if len(given) > MAX_MASKS:
        said = f"A layer takes at most {MAX_MASKS} masks, not {len(given)}."
        raise _bad(said, "too_many", most=MAX_MASKS, count=len(given))
    masks = tuple(_mask(mask) for mask in given)
    ids = [mask["id"] for mask in masks]
    if len(set(ids)) != len(ids):
        raise _bad("Two masks of a layer share an id; each needs its own.", "same_id")
    return masks


def points_at(mask: Mapping[str, Any], frame: int) -> list[tuple[float, float]]:
    """Where the points of a cleaned mask stand at the layer's frame, in parts of the frame (0..1 inside it)."""
    keys = mask["keys"]
    after = bisect_right([key["frame"] for key in keys], frame)
    first = keys[max(0, after - 1)]
    second = keys[min(after, len(keys) - 1)]
    span = second["frame"] - first["frame"]
    part = min(max((frame - first["frame"]) / span, 0.0), 1.0) if span > 0 else 0.0
    return [
        ((x0 + part * (x1 - x0)) / UNIT, (y0 + part * (y1 - y0)) / UNIT)
        for (x0, y0), (x1, y1) in zip(first["points"], second["points"], strict=True)
    ]


def _mask(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _bad("A mask must be a JSON object.", "not_an_object")
    if unknown := sorted(set(map(str, given)) - FIELDS):
        raise _bad(f"A mask has unknown fields: {', '.join(unknown)}.", "unknown_field", fields=", ".join(unknown))
    name = given.get("id")
    if not isinstance(name, str) or not 1 <= len(name) <= 40:
        raise _bad("A mask needs an id of 1 to 40 characters.", "id")
    if given.get("kind") not in MASK_KINDS:
        raise _bad("A mask's kind must be garbage or holdout.", "kind")
    label = given.get("name", "")
    if not isinstance(label, str) or len(label) > 60:
        raise _bad("A mask's name must be text of at most 60 characters.", "name")
    mask: dict[str, Any] = {"id": name, "kind": given["kind"]}
    if label.strip():
        mask["name"] = label.strip()
    if feather := _whole(given.get("feather_px_milli", 0), 0, MAX_FEATHER, "A mask's feather"):
        mask["feather_px_milli"] = feather
    for switch in ("invert", "off"):
        value = given.get(switch, 0)
        if _whole(int(value) if isinstance(value, bool) else value, 0, 1, f"A mask's {switch}"):
            mask[switch] = 1
    mask["keys"] = _keys(given.get("keys"))
    return mask


def _keys(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)) or not 1 <= len(given) <= MAX_KEYS:
        raise _bad(f"A mask needs 1 to {MAX_KEYS} keys, each with a frame and its points.", "keys", most=MAX_KEYS)
    keys: list[dict[str, Any]] = []
    for key in given:
        if not isinstance(key, Mapping) or set(key) != {"frame", "points"}:
            raise _bad("A mask's key holds a frame and points, nothing else.", "key")
        frame = _whole(key["frame"], -MAX_FRAME, MAX_FRAME, "A key's frame")
        keys.append({"frame": frame, "points": _points(key["points"])})
    keys.sort(key=lambda key: key["frame"])
    if len({key["frame"] for key in keys}) != len(keys):
        raise _bad("A mask has two keys at one frame; keep one of them.", "same_frame")
    if len({len(key["points"]) for key in keys}) != 1:
        raise _bad("Every key of a mask needs the same number of points.", "uneven")
    return keys


def _points(given: Any) -> list[list[int]]:
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)) or not 3 <= len(given) <= MAX_POINTS:
        raise _bad(f"A mask's polygon has 3 to {MAX_POINTS} points.", "points", most=MAX_POINTS)
    points = []
    for point in given:
        if not isinstance(point, Sequence) or isinstance(point, (str, bytes)) or len(point) != 2:
            raise _bad("A point of a mask is two whole numbers: across and down.", "point")
        points.append([_whole(part, LOW, HIGH, "A mask's point") for part in point])
    return points


def _whole(value: Any, low: int, high: int, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _bad(
            f"{what} must be a whole number from {low} to {high}, not {value!r}.",
            "range",
            low=low,
            high=high,
            value=repr(value),
        )
    return value


def _bad(sentence: str, problem: str, **params: Any) -> Refused:
    return Refused(sentence, code="bad_mask", problem=problem, **params)
