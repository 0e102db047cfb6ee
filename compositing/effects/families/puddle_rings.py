"""Rings on wet ground."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="puddle_rings",
    title=_("Puddle rings"),
    summary=_("Rings where rain meets wet ground, smaller far away: a layer with alpha that loops."),
    draw="compositing.effects.glass:puddle_rings",
    parameters=(
        Parameter("density", _("Density"), _("From a drizzle to a downpour"), default=45),
        Parameter(
            "height",
            _("Wet ground"),
            _("How far up the picture the wet ground reaches"),
            minimum=5,
            maximum=70,
            default=25,
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=70),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.021,
    kind="effect",
)
