"""A column of smoke."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="smoke",
    title=_("Smoke"),
    summary=_("A column that rises, widens and thins out: a layer with alpha that loops."),
    draw="compositing.effects.vapours:smoke",
    parameters=(
        Parameter("density", _("Density"), _("From a wisp to a blaze's smoke"), default=50),
        Parameter("spread", _("Spread"), _("How wide it grows as it rises"), default=40),
        Parameter("reach", _("Reach"), _("How far up the picture it rises"), minimum=10, default=80),
        Parameter("x", _("Across"), _("Where it stands, from the left"), default=50),
        Parameter(
            "tone",
            _("Tone"),
            _("The light it stands in"),
            kind="choice",
            default="grey",
            unit="",
            choices=(
                Choice("white", _("White")),
                Choice("grey", _("Grey")),
                Choice("black", _("Black")),
                Choice("warm", _("Warm")),
                Choice("night", _("Night")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=15),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.055,
    version=2,
    kind="effect",
)
