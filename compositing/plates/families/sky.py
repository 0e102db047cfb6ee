"""Sky over low hills."""

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
    name="sky",
    title=_("Sky"),
    summary=_("Clouds, sun or stars over a low line of hills."),
    draw="compositing.plates.scenes.outdoors:heavens",
    parameters=(
        LIGHT,
        weather("clear"),
        *KEY,
        PALETTE,
        Parameter("clouds", _("Clouds"), _("How much of the sky they cover"), default=55),
        camera_height(170, 9000),
        TURN,
        *MOVE,
        lens(28),
        horizon(80),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.15,
    seconds_per_megapixel=1.2,
    frame_seconds_per_megapixel=0.7,
    version=2,
)
