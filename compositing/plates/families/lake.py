"""Mountain lake."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    KEY,
    LIGHT,
    MOVE,
    PALETTE,
    TURN,
    Choice,
    Family,
    Parameter,
    camera_height,
    gettext_noop,
    horizon,
    lens,
    weather,
)

_ = gettext_noop

FAMILY = Family(
    name="lake",
    title=_("Mountain lake"),
    summary=_("A still lake among wooded mountains, seen from its shore."),
    draw="compositing.plates.scenes.outdoors:lake",
    parameters=(
        LIGHT,
        weather("clear"),
        *KEY,
        PALETTE,
        Parameter(
            "season",
            _("Season"),
            _("What grows, and where snow lies"),
            kind="choice",
            default="summer",
            unit="",
            choices=(Choice("summer", _("Summer")), Choice("autumn", _("Autumn")), Choice("winter", _("Winter"))),
        ),
        Parameter("trees", _("Trees"), _("How many trees stand about"), default=60),
        Parameter("peaks", _("Peaks"), _("How high the mountains rise"), default=60),
        Parameter("wind", _("Wind"), _("How rough the water is"), default=30),
        camera_height(170, 1500),
        TURN,
        *MOVE,
        lens(30),
        horizon(52),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.2,
    seconds_per_megapixel=2.55,
    frame_seconds_per_megapixel=1.1,
    version=2,
)
