"""Banks of fog."""

from compositing.effects.lasting import WEATHER
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="fog",
    title=_("Fog"),
    summary=_("Banks that drift over the ground or fill the picture: a layer with alpha that loops."),
    draw="compositing.effects.vapours:fog",
    parameters=(
        Parameter("density", _("Density"), _("From a breath to a wall"), default=50),
        Parameter("height", _("Height"), _("How far up the picture it reaches"), default=55),
        Parameter(
            "tone",
            _("Tone"),
            _("The light it stands in"),
            kind="choice",
            default="white",
            unit="",
            choices=(
                Choice("white", _("White")),
                Choice("grey", _("Grey")),
                Choice("warm", _("Warm")),
                Choice("night", _("Night")),
            ),
        ),
        Parameter("speed", _("Speed"), _("100 is real time"), minimum=20, maximum=300, default=100),
        Parameter("wind", _("Wind"), _("Minus blows to the left, plus to the right"), minimum=-100, default=30),
        *WEATHER,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.052,
    version=3,
    kind="effect",
)
