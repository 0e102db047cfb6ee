"""Petals, leaves or paper on the wind."""

from compositing.effects.lasting import WEATHER
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="petals",
    title=_("Petals and leaves"),
    summary=_("Petals, leaves or paper money that tumble down the wind: a layer with alpha that loops."),
    draw="compositing.effects.falling:petals",
    parameters=(
        Parameter(
            "kind",
            _("Kind"),
            _("What falls"),
            kind="choice",
            default="cherry",
            unit="",
            choices=(
                Choice("cherry", _("Cherry blossom")),
                Choice("plum", _("Plum blossom")),
                Choice("ginkgo", _("Ginkgo leaves")),
                Choice("maple", _("Maple leaves")),
                Choice("paper", _("Paper money")),
            ),
        ),
        Parameter("density", _("Density"), _("From a few to a storm of them"), default=35),
        Parameter("size", _("Size"), _("100 is as large as life"), minimum=40, maximum=250, default=100),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=80),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=35),
        Parameter("near", _("Near ones"), _("How many pass close to the lens, large and soft"), default=45),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=95),
        *WEATHER,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.017,
    version=2,
    kind="effect",
)
