"""Flames at the foot of the picture."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="fire",
    title=_("Fire"),
    summary=_("Flames along the foot of the picture or in one place: a layer with alpha that loops."),
    draw="compositing.effects.fire:flames",
    parameters=(
        Parameter("height", _("Height"), _("How far up the picture they lick"), minimum=5, default=40),
        Parameter("width", _("Width"), _("100 is the whole foot of the picture"), minimum=5, default=100),
        Parameter("x", _("Across"), _("Where it stands, from the left"), default=50),
        Parameter("size", _("Tongues"), _("From many small to a few large"), default=45),
        Parameter(
            "colour",
            _("Colour"),
            _("What burns"),
            kind="choice",
            default="wood",
            unit="",
            choices=(
                Choice("wood", _("Wood")),
                Choice("gas", _("Gas")),
                Choice("spirit", _("Spirit fire")),
                Choice("purple", _("Violet")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=15),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=85),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.06,
    version=3,
    kind="effect",
    emits=True,
)
