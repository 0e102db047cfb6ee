"""Light that leaks in at the sides."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="light_leaks",
    title=_("Light leaks"),
    summary=_("Warm light over a side of the picture, breathing: a layer with alpha that loops."),
    draw="compositing.effects.glass:light_leaks",
    parameters=(
        Parameter(
            "side",
            _("Side"),
            _("Where the light comes in"),
            kind="choice",
            default="right",
            unit="",
            choices=(
                Choice("left", _("Left")),
                Choice("right", _("Right")),
                Choice("both", _("Both sides")),
            ),
        ),
        Parameter("size", _("Size"), _("How far it reaches in"), default=45),
        Parameter(
            "colour",
            _("Colour"),
            _("The colour of the light"),
            kind="choice",
            default="amber",
            unit="",
            choices=(
                Choice("amber", _("Amber")),
                Choice("pink", _("Pink")),
                Choice("blue", _("Blue")),
                Choice("white", _("White")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=60),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.041,
    version=2,
    kind="effect",
    emits=True,
)
