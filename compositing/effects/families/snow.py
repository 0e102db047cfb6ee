"""Flakes at many distances, sinking and swaying."""

from compositing.effects.lasting import WEATHER
from compositing.plates.family import Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="snow",
    title=_("Snow"),
    summary=_("Flakes at many distances that sink and sway, over nothing: a layer with alpha that loops."),
    draw="compositing.effects.falling:snow",
    parameters=(
        Parameter("density", _("Density"), _("From a few flakes to a blizzard"), default=45),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=15),
        Parameter("near", _("Near ones"), _("How many pass close to the lens, large and soft"), default=40),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=85),
        *WEATHER,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.030,
    version=2,
    kind="effect",
)
