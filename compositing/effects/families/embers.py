"""Sparks that rise from a fire."""

from compositing.effects.lasting import AIR
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="embers",
    title=_("Embers"),
    summary=_("Sparks that rise, sway and burn out: a layer with alpha that loops."),
    draw="compositing.effects.falling:embers",
    parameters=(
        Parameter("density", _("Density"), _("From a few sparks to a burning house"), default=40),
        Parameter(
            "everywhere",
            _("Where from"),
            _("Where the sparks begin"),
            kind="choice",
            default="no",
            unit="",
            choices=(
                Choice("no", _("From below")),
                Choice("yes", _("From everywhere")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=15),
        Parameter("near", _("Near ones"), _("How many pass close to the lens, large and soft"), default=35),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=80),
        *AIR,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.034,
    version=3,
    kind="effect",
    emits=True,
)
