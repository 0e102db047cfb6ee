"""The arc that a blade leaves."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="sword_light",
    title=_("Sword light"),
    summary=_("Strokes of light along an arc, each gone as fast as it came: a layer with alpha that loops."),
    draw="compositing.effects.blades:sword_light",
    parameters=(
        Parameter("strokes", _("Strokes"), _("How many in the loop"), minimum=1, maximum=6, default=1, unit=""),
        Parameter(
            "colour",
            _("Colour"),
            _("The colour of the light"),
            kind="choice",
            default="white",
            unit="",
            choices=(
                Choice("white", _("White")),
                Choice("blue", _("Blue")),
                Choice("gold", _("Gold")),
                Choice("red", _("Red")),
                Choice("jade", _("Jade")),
                Choice("violet", _("Violet")),
            ),
        ),
        Parameter("size", _("Size"), _("How far from its middle the blade goes"), default=45),
        Parameter("sweep", _("Sweep"), _("How much of a circle it cuts"), default=45),
        Parameter(
            "turn",
            _("Turn"),
            _("Where the arc lies; 0 is to the right"),
            minimum=-180,
            maximum=180,
            default=-60,
            unit="°",
        ),
        Parameter("width", _("Width"), _("How broad the stroke is"), default=50),
        Parameter("x", _("Across"), _("Where it stands, from the left"), default=50),
        Parameter("y", _("Down"), _("Where it stands, from the top"), default=48),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=40, maximum=300, default=100),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=85),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.031,
    version=3,
    kind="effect",
    emits=True,
)
