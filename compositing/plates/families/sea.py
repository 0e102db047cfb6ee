"""Sea shore."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    KEY,
    LIGHT,
    MOVE,
    PALETTE,
    TURN,
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
    name="sea",
    title=_("Sea shore"),
    summary=_("Sand, breaking waves and the open sea, a headland far off."),
    draw="compositing.plates.scenes.outdoors:sea",
    parameters=(
        LIGHT,
        weather("clear"),
        *KEY,
        PALETTE,
        Parameter("beach", _("Beach"), _("How far the sand reaches"), default=30),
        Parameter("wind", _("Wind"), _("How rough the water is"), default=50),
        camera_height(165, 1500),
        TURN,
        *MOVE,
        lens(30),
        horizon(46),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.15,
    seconds_per_megapixel=1.45,
    frame_seconds_per_megapixel=0.8,
    version=2,
)
