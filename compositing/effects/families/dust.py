"""Motes that hang in a beam of light."""

from compositing.effects.lasting import AIR
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="dust",
    title=_("Dust motes"),
    summary=_("Motes that hang in light and twinkle as they turn: a layer with alpha that loops."),
    draw="compositing.effects.falling:dust",
    parameters=(
        Parameter("density", _("Density"), _("From a few motes to an attic"), default=40),
        Parameter(
            "colour",
            _("Colour"),
            _("The light they hang in"),
            kind="choice",
            default="warm",
            unit="",
            choices=(
                Choice("warm", _("Warm")),
                Choice("cool", _("Cool")),
                Choice("white", _("White")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=10),
        Parameter("near", _("Near ones"), _("How many pass close to the lens, large and soft"), default=45),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=55),
        *AIR,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.032,
    version=3,
    kind="effect",
)
