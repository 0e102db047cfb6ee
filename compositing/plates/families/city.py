"""City street or skyline."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    KEY,
    LIGHT,
    MOVE,
    PALETTE,
    PERIOD_OUTSIDE,
    TURN,
    Family,
    Parameter,
    camera_height,
    clutter,
    gettext_noop,
    horizon,
    lens,
    weather,
)

_ = gettext_noop

FAMILY = Family(
    name="city",
    title=_("City street and skyline"),
    summary=_(
        "An avenue with signs, shops and cars from the pavement, or the same city from a roof, by camera height; "
        "today, in the 1980s or in the republican era."
    ),
    draw="compositing.plates.scenes.city:stage",
    parameters=(
        LIGHT,
        weather("rain"),
        *KEY,
        PALETTE,
        PERIOD_OUTSIDE,
        clutter(60),
        Parameter("windows", _("Lit windows"), _("How many windows have a light on"), default=38),
        Parameter("signs", _("Signs"), _("How many lit signs hang over the street"), default=60),
        Parameter("traffic", _("Traffic"), _("How many cars are about"), default=50),
        camera_height(170, 9000),
        TURN,
        *MOVE,
        lens(30),
        horizon(54),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.4,
    seconds_per_megapixel=3.0,
    frame_seconds_per_megapixel=2.35,
    version=4,
)
