"""Energy that gathers."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="energy",
    title=_("Energy"),
    summary=_("A ball of light with arcs in it and sparks that leave it: a layer with alpha that loops."),
    draw="compositing.effects.blades:energy",
    parameters=(
        Parameter(
            "colour",
            _("Colour"),
            _("The colour of the light"),
            kind="choice",
            default="blue",
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
        Parameter("size", _("Size"), _("How large the ball is"), default=45),
        Parameter("sparks", _("Sparks"), _("How many leave it"), default=45),
        Parameter("x", _("Across"), _("Where it stands, from the left"), default=50),
        Parameter("y", _("Down"), _("Where it stands, from the top"), default=60),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=40, maximum=300, default=100),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=80),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.075,
    version=3,
    kind="effect",
    emits=True,
)
