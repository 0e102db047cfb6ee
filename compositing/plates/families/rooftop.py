"""Roof above a city."""

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
    name="rooftop",
    title=_("Rooftop"),
    summary=_("The edge of a roof at height, the city's towers beyond it."),
    draw="compositing.plates.scenes.city:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *KEY,
        PALETTE,
        PERIOD_OUTSIDE,
        clutter(60),
        Parameter("windows", _("Lit windows"), _("How many windows have a light on"), default=40),
        Parameter("signs", _("Signs"), _("How many lit signs hang over the street"), default=50),
        Parameter("traffic", _("Traffic"), _("How many cars are about"), default=50),
        camera_height(4200, 9000),
        TURN,
        *MOVE,
        lens(32),
        horizon(46),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.4,
    seconds_per_megapixel=2.4,
    frame_seconds_per_megapixel=2.2,
    version=4,
)
