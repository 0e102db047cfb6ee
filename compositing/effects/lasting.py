"""When and where an effect is there: the settings that families share. Standard library only."""

from collections.abc import Mapping
from typing import Any

from compositing.plates.family import Choice, Parameter, gettext_noop

_ = gettext_noop

MOST_FRAMES = 1440
LOOP, ONCE = "loop", "once"
PLACE, AROUND, FRAME = "place", "around", "frame"
LASTING = (
    Parameter(
        "play",
        _("Plays"),
        _("Its loop over and over, or one course of it: a stroke, a flash, a gust"),
        kind="choice",
        default=LOOP,
        unit="",
        choices=(Choice(LOOP, _("Again and again")), Choice(ONCE, _("Once"))),
    ),
    Parameter(
        "start",
        _("Begins after"),
        _("How many frames of the shot pass before it; 0 is there from the first"),
        maximum=MOST_FRAMES,
        unit=_("frames"),
    ),
    Parameter(
        "duration", _("Lasts"), _("For how many frames; 0 is to the end of the shot"), maximum=MOST_FRAMES,
        unit=_("frames"),
    ),
    Parameter("fade_in", _("Fades in"), _("Over how many frames it comes"), maximum=240, unit=_("frames")),
    Parameter("fade_out", _("Fades out"), _("Over how many frames it goes"), maximum=240, unit=_("frames")),
)  # fmt: skip
GROUND = Parameter(
    "ground",
    _("The place"),
    _("The depth of a plate drawn by rule: where that has windows, the effect stays at their panes"),
    kind="picture",
    default="",
    unit="",
)
_PLACE = Choice(PLACE, _("In the place: at its windows, if it has any"))
_FRAME = Choice(FRAME, _("Over the whole picture"))
_AROUND = Choice(AROUND, _("Around the actor: behind and in front"))
DISTANCE = Parameter(
    "distance",
    _("The actor stands at"),
    _("How far from the lens; of an effect around the actor what is nearer comes in front, what is farther behind"),
    minimum=40,
    maximum=1500,
    default=180,
    unit="cm",
)


def _where(choices: tuple[Choice, ...], default: str) -> Parameter:
    return Parameter("where", _("Where"), _("What of the picture it is seen in"), kind="choice", default=default,
                     unit="", choices=choices)  # fmt: skip


# For what falls and drifts outside; for what lies on panes or flashes behind them; for what hangs in a room's own air.
WEATHER = (GROUND, _where((_PLACE, _AROUND, _FRAME), PLACE), DISTANCE, *LASTING)
PANES = (GROUND, _where((_PLACE, _FRAME), PLACE), *LASTING)
AIR = (_where((_FRAME, _AROUND), FRAME), DISTANCE, *LASTING)


def is_timed(params: Mapping[str, Any]) -> bool:
    """Whether it begins, ends or plays once within its shot, so that its clip has to be as long as that."""
    return params.get("play") == ONCE or any(
        params.get(name) for name in ("start", "duration", "fade_in", "fade_out")
    )  # fmt: skip


def is_around(params: Mapping[str, Any]) -> bool:
    """Whether one draw gives two clips, one behind the actor and one in front."""
    return params.get("where") == AROUND
