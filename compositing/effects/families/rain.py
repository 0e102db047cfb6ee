"""Rain between the camera and the distance."""

from compositing.effects.lasting import WEATHER
from compositing.plates.family import Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="rain",
    title=_("Rain"),
    summary=_(
        "Falling drops at many distances, drawn out by the shutter, over nothing: a layer with alpha that loops."
    ),
    draw="compositing.effects.rain:frames_of_rain",
    parameters=(
        Parameter("density", _("Density"), _("From a drizzle to a downpour"), default=45),
        Parameter("speed", _("Fall speed"), _("100 is real time"), minimum=30, maximum=200, default=100),
        Parameter(
            "wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, maximum=100, default=15
        ),
        Parameter(
            "streak", _("Streak length"), _("How long the shutter stays open; 50 is film's half frame"), default=60
        ),
        Parameter("near", _("Near drops"), _("How many drops fall close to the lens, large and soft"), default=35),
        Parameter("opacity", _("Opacity"), _("How strongly the rain shows"), default=55),
        Parameter("splash", _("Splashes"), _("Drops that burst on the ground at the foot of the picture"), default=0),
        *WEATHER,
    ),
    seconds_fixed=0.5,
    seconds_per_megapixel=0.07,
    version=2,
    kind="effect",
)
