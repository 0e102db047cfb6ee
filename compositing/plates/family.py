"""What a family of plates is called, and what a person may set: standard library only, safe for the web process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from compositing.errors import Refused


def gettext_noop(text: str) -> str:
    """Mark a string for the catalogues; the pages translate it."""
    return text


_ = gettext_noop


LEFT_OUT = ("angle", "picture")  # kinds that settings leave out where nothing is given


@dataclass(frozen=True)
class Choice:
    value: str
    title: str


@dataclass(frozen=True)
class Parameter:
    """One setting. kind "number": a whole number minimum..maximum in `unit`; kind "choice": one of `choices`; kind
    "angle": whole degrees minimum..maximum, or "" for the family's own; `choices` are those that a page offers; kind
    "picture": the sha256 of a stored picture, or "" for none."""

    name: str
    title: str
    help: str
    kind: str = "number"
    minimum: int = 0
    maximum: int = 100
    default: int | str = 0
    unit: str = "%"
    choices: tuple[Choice, ...] = ()

    def check(self, value: Any) -> int | str:
        """The value, if it may be used. Raises Refused with a sentence."""
        if self.kind == "choice":
            values = [choice.value for choice in self.choices]
            if value not in values:
                raise Refused(f"{self.title} is {value!r}; choose one of {', '.join(values)}.")
            return str(value)
        if self.kind == "picture":
            if value and (not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef")):
                raise Refused(f"{self.title} is {value!r}; give the sha256 of a stored picture.")
            return value or ""
        if self.kind == "angle":
            if value in ("", None):
                return ""
            if isinstance(value, str) and value.lstrip("-").isdecimal():
                value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(f"{self.title} is {value!r}; give a whole number in {self.unit or 'steps'}.")
        if not self.minimum <= value <= self.maximum:
            raise Refused(
                f"{self.title} is {value}; it goes from {self.minimum} to {self.maximum} {self.unit}.".replace(
                    " .", "."
                )
            )
        return value


@dataclass(frozen=True)
class Family:
    """A kind of picture or clip that can be drawn.

    draw: "module:function", imported in the child only. seconds: CPU-seconds per million pixels, and fixed, on one
    core; frame_seconds_per_megapixel: of a plate's clip, for each frame of a million pixels that is sharp.
    origin is always "procedural": nothing here is made by a model.
    """

    name: str
    title: str
    summary: str
    draw: str
    parameters: tuple[Parameter, ...]
    seconds_fixed: float
    seconds_per_megapixel: float
    frame_seconds_per_megapixel: float = 1.0
    version: int = 1
    origin: str = "procedural"
    kind: str = "plate"
    emits: bool = False  # whether an effect gives off light that a comp may cast on the actor

    def settings(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Every parameter's value: given ones checked, others at their default; an angle left to the family is left
        out. Raises Refused for unknown names."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in params:
            if name not in known:
                raise Refused(f"{self.title} has no setting {name!r}; it has {', '.join(known)}.")
        chosen = {name: one.check(params.get(name, one.default)) for name, one in known.items()}
        return {name: value for name, value in chosen.items() if known[name].kind not in LEFT_OUT or value != ""}

    def estimate_seconds(self, width: int, height: int) -> float:
        return round(self.seconds_fixed + self.seconds_per_megapixel * width * height / 1e6, 2)


LIGHT = Parameter(
    "light",
    _("Time of day"),
    _("Which light the place stands in"),
    kind="choice",
    default="night",
    unit="",
    choices=(
        Choice("day", _("Day")),
        Choice("golden", _("Golden hour")),
        Choice("night", _("Night")),
        Choice("storm", _("Storm")),
    ),
)


def weather(default: str) -> Parameter:
    return Parameter(
        "weather",
        _("Weather"),
        _("Rain wets what lies outside; mist takes the distance away"),
        kind="choice",
        default=default,
        unit="",
        choices=(Choice("clear", _("Clear")), Choice("rain", _("Rain")), Choice("mist", _("Mist"))),
    )


PALETTE = Parameter(
    "palette",
    _("Palette"),
    _("The colour mood of the whole picture"),
    kind="choice",
    default="drama",
    unit="",
    choices=(
        Choice("drama", _("Teal and amber")),
        Choice("natural", _("Natural")),
        Choice("warm", _("Warm")),
        Choice("cold", _("Cold")),
        Choice("neon", _("Neon")),
    ),
)
PERIOD = Parameter(
    "period",
    _("Period"),
    _("When: what walls, floors, furniture and lamps are made of, and how high the houses outside stand"),
    kind="choice",
    default="modern",
    unit="",
    choices=(
        Choice("modern", _("Today")),
        Choice("eighties", _("The 1980s")),
        Choice("republican", _("Republican era")),
    ),
)
PERIOD_OUTSIDE = replace(PERIOD, help=_("When: houses, signs, lamps, and what drives and walks in the street"))
HAZE = Parameter("haze", _("Haze"), _("How much air lies between near and far"), default=30)
DEFOCUS = Parameter(
    "defocus", _("Soft focus"), _("How far the place lies out of focus behind a sharp actor; 0 is sharp"), default=25
)
BRIGHTNESS = Parameter(
    "brightness",
    _("Brightness"),
    _("In hundredths of a stop; 100 is twice the light"),
    minimum=-200,
    maximum=200,
    unit="",
)
TURN = Parameter("camera_turn", _("Camera turn"), _("Left or right"), minimum=-25, maximum=25, default=0, unit="°")


STILL = "none"
CAMERA_MOVE = Parameter(
    "camera_move",
    _("Camera"),
    _("A picture, or a clip as long as the shot in which the camera moves and the place lives"),
    kind="choice",
    default=STILL,
    unit="",
    choices=(
        Choice(STILL, _("A picture")),
        Choice("stand", _("Stands; the place lives")),
        Choice("push", _("Push in")),
        Choice("pull", _("Pull back")),
        Choice("truck_left", _("Truck left")),
        Choice("truck_right", _("Truck right")),
        Choice("pan_left", _("Pan left")),
        Choice("pan_right", _("Pan right")),
        Choice("tilt_up", _("Tilt up")),
        Choice("tilt_down", _("Tilt down")),
        Choice("rise", _("Crane up")),
        Choice("handheld", _("Handheld")),
    ),
)
CAMERA_REACH = Parameter(
    "camera_reach", _("How far"), _("How far the camera moves from the clip's first frame to its last"), default=40
)
CAMERA_LOOP = Parameter(
    "camera_loop",
    _("Loop"),
    _("The last frame leads into the first: the camera goes there and back, traffic stands"),
    kind="choice",
    default="no",
    unit="",
    choices=(Choice("no", _("No")), Choice("yes", _("Yes"))),
)
CAMERA_SHUTTER = Parameter(
    "camera_shutter",
    _("Shutter"),
    _("How long each frame sees the movement: 180 as film usually has it, less is crisper, 0 freezes every frame"),
    maximum=360,
    default=180,
    unit="°",
)
MOVE = (CAMERA_MOVE, CAMERA_REACH, CAMERA_SHUTTER, CAMERA_LOOP)
KEY_AZIMUTH = Parameter(
    "key_azimuth",
    _("Light from"),
    _("Where the main light comes from, as the lens sees it: suit it to the actor's"),
    kind="angle",
    minimum=-180,
    maximum=180,
    default="",
    unit="°",
    choices=(
        Choice("", _("As the place has it")),
        Choice("-45", _("The left, in front")),
        Choice("-90", _("The left")),
        Choice("-135", _("The left, behind")),
        Choice("0", _("The camera")),
        Choice("45", _("The right, in front")),
        Choice("90", _("The right")),
        Choice("135", _("The right, behind")),
        Choice("180", _("Behind")),
    ),
)
KEY_WARMTH = Parameter(
    "key_warmth",
    _("Warmth of the light"),
    _("Colour of the sun, or of the lamp that Light from sets up: below 0 colder, above 0 warmer"),
    minimum=-100,
    maximum=100,
    default=0,
    unit="",
)
KEY_SOFTNESS = Parameter(
    "key_softness",
    _("Softness of the light"),
    _("How wide the lamp is that Light from sets up in a room: wide lamps cast soft shadows"),
    default=40,
)
# What every family has; rooms have a lamp of their own to be set.
KEY = (KEY_AZIMUTH, KEY_WARMTH)
ROOM_KEY = (KEY_AZIMUTH, KEY_WARMTH, KEY_SOFTNESS)


def horizon(default: int) -> Parameter:
    return Parameter(
        "horizon",
        _("Eye level"),
        _("Where the horizon lies, from the top of the picture; an actor's eyes in a close-up lie near 40"),
        minimum=15,
        maximum=85,
        default=default,
    )


def lens(default: int) -> Parameter:
    return Parameter(
        "lens",
        _("Lens"),
        _("Short lenses see wide, long lenses see near"),
        minimum=18,
        maximum=100,
        default=default,
        unit="mm",
    )


def camera_height(default: int, maximum: int) -> Parameter:
    return Parameter(
        "camera_height",
        _("Camera height"),
        _("Above the ground"),
        minimum=40,
        maximum=maximum,
        default=default,
        unit="cm",
    )


def clutter(default: int) -> Parameter:
    return Parameter("clutter", _("Clutter"), _("How many things stand about"), default=default)
