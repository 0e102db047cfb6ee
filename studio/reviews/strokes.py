"""Drawings on frames as plain data: pen strokes in thousandths of the picture's width and height."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import Invalid

MAX_STROKES, MAX_POINTS = 200, 2000  # per frame, per stroke: a lively hand draws some 60 points a second
COLOUR = re.compile(r"^#[0-9a-f]{6}$")
MAX_WIDTH = 40  # thousandths of the picture's width


def clean(value: Any, frame_count: int) -> dict[int, list[dict[str, Any]]]:
    """`{frame index: [{"colour": "#ff6b4a", "width": 6, "points": [[x, y], ...]}]}`, checked; empty frames are dropped.

    Frames are indexes from 0 (JSON makes them strings), points integers 0..1000. Raises Invalid with a sentence.
    """
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise Invalid(_("The drawing could not be read. Draw it again."))
    drawings: dict[int, list[dict[str, Any]]] = {}
    for key, strokes in value.items():
        frame = int(key) if str(key).isascii() and str(key).isdigit() else -1
        if not 0 <= frame < frame_count:
            raise Invalid(_("A drawing stands on a frame that this version doesn't have."))
        if not isinstance(strokes, list) or len(strokes) > MAX_STROKES:
            raise Invalid(_("A drawing holds at most %(most)s strokes a frame.") % {"most": MAX_STROKES})
        if strokes:
            drawings[frame] = [_stroke(stroke) for stroke in strokes]
    return drawings


def _stroke(stroke: Any) -> dict[str, Any]:
    unreadable = Invalid(_("The drawing could not be read. Draw it again."))
    if not isinstance(stroke, Mapping):
        raise unreadable
    colour, width, points = stroke.get("colour"), stroke.get("width"), stroke.get("points")
    if not isinstance(colour, str) or not COLOUR.match(colour):
        raise unreadable
    if type(width) is not int or not 1 <= width <= MAX_WIDTH:
        raise unreadable
    if not isinstance(points, list) or not 1 <= len(points) <= MAX_POINTS:
        raise Invalid(_("A stroke holds at most %(most)s points. Lift the pen in between.") % {"most": MAX_POINTS})
    for point in points:
        if not (isinstance(point, list) and len(point) == 2 and all(type(n) is int and 0 <= n <= 1000 for n in point)):
            raise unreadable
    return {"colour": colour, "width": width, "points": points}
