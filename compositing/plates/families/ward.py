"""Hospital ward."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    LIGHT,
    MOVE,
    PALETTE,
    PERIOD,
    ROOM_KEY,
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
    name="ward",
    title=_("Hospital ward"),
    summary=_("Beds between curtains, drips and monitors, a bright ceiling, a window at the end."),
    draw="compositing.plates.scenes.ward:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        PERIOD,
        clutter(50),
        Parameter("lamps", _("Lamps"), _("How many lamps are on"), default=80),
        camera_height(150, 260),
        TURN,
        *MOVE,
        lens(32),
        horizon(44),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.2,
    seconds_per_megapixel=2.0,
    frame_seconds_per_megapixel=1.3,
    version=3,
)
