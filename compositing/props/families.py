"""What props there are, and what a person may set of each: standard library only."""

from compositing.errors import Refused
from compositing.plates.family import LIGHT, Choice, Family, Parameter, gettext_noop

_ = gettext_noop


def _percent(name: str, title: str, told: str, least: int, most: int, default: int, unit: str = "%") -> Parameter:
    return Parameter(name, title, told, minimum=least, maximum=most, default=default, unit=unit)


def _place(across: int, down: int, size: int) -> tuple[Parameter, ...]:
    return (
        _percent("across", _("Across"), _("Where its middle is, from the left edge"), -20, 120, across),
        _percent("down", _("Down"), _("Where its middle is, from the upper edge"), -20, 120, down),
        _percent("size", _("Size"), _("Its height, of the picture's"), 4, 120, size),
        _percent("tilt", _("Tilt"), _("Minus leans to the left, plus to the right"), -90, 90, 0, "°"),
        LIGHT,
        Parameter(
            "key",
            _("Key light from"),
            _("The side that the actor's key comes from"),
            kind="choice",
            default="left",
            unit="",
            choices=(Choice("left", _("Left")), Choice("right", _("Right")), Choice("front", _("Front"))),
        ),
    )


def _colour(default: str, *choices: tuple[str, str]) -> Parameter:
    return Parameter(
        "colour", _("Colour"), _("What it is made in"), kind="choice", default=default, unit="",
        choices=tuple(Choice(value, title) for value, title in choices),
    )  # fmt: skip


LIT = Parameter(
    "lit", _("Lit"), _("Whether it burns"), kind="choice", default="yes", unit="",
    choices=(Choice("yes", _("Yes")), Choice("no", _("No"))),
)  # fmt: skip
OPEN = Parameter("open", _("Open"), _("How far it is opened"), minimum=30, maximum=100, default=90)


def _prop(name: str, title: str, summary: str, *parameters: Parameter, seconds: float = 1.0) -> Family:
    return Family(
        name=name, title=title, summary=summary, draw=f"compositing.props.things:{name}", parameters=parameters,
        seconds_fixed=0.1, seconds_per_megapixel=seconds, kind="prop",
    )  # fmt: skip


_ALL = (
    _prop(
        "lantern", _("Lantern"), _("A silk lantern on its cord, with ribs, gilt caps and a tassel; lit, it glows."),
        _colour("red", ("red", _("Red")), ("white", _("White")), ("amber", _("Amber"))), LIT, *_place(24, 22, 34),
        seconds=0.9,
    ),
    _prop(
        "umbrella", _("Oil-paper umbrella"), _("An open umbrella of oiled paper on bamboo ribs, seen from the side."),
        _colour("red", ("red", _("Red")), ("blue", _("Blue")), ("ochre", _("Ochre"))), *_place(68, 70, 46),
        seconds=1.6,
    ),
    _prop(
        "fan", _("Folding fan"), _("A folding fan, opened, with hills in ink on its paper and a tassel."),
        _colour("ivory", ("ivory", _("Ivory")), ("red", _("Red")), ("black", _("Black"))), OPEN, *_place(52, 82, 26),
        seconds=0.7,
    ),
    _prop(
        "tea_set", _("Tea set"), _("A teapot and two cups on a wooden tray."),
        _colour("celadon", ("celadon", _("Celadon")), ("white", _("White")), ("clay", _("Clay"))), *_place(50, 88, 20),
        seconds=0.3,
    ),
    _prop(
        "desk_lamp", _("Desk lamp"), _("A lamp with a glass shade on a brass foot; lit, it glows."),
        _colour("green", ("green", _("Green")), ("white", _("White")), ("black", _("Black"))), LIT, *_place(26, 78, 34),
        seconds=0.8,
    ),
    _prop(
        "sword", _("Sword"), _("A straight sword with a gilt guard, a wound grip and a tassel."),
        _colour("steel", ("steel", _("Steel")), ("bronze", _("Bronze"))), *_place(70, 62, 60),
        seconds=0.3,
    ),
)  # fmt: skip
FAMILIES: dict[str, Family] = {one.name: one for one in _ALL}


def family(name: str) -> Family:
    """The family called `name`. Raises Refused with the names there are."""
    if name not in FAMILIES:
        raise Refused(f"There is no family of props called {name!r}; there are {', '.join(FAMILIES)}.")
    return FAMILIES[name]
