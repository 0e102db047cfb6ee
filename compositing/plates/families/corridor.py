"""Hotel corridor."""

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
    name="corridor",
    title=_("Hotel corridor"),
    summary=_("A long carpeted corridor of doors, wall lamps between them, a window or darkness at its end."),
    draw="compositing.plates.scenes.corridor:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        PERIOD,
        clutter(40),
        Parameter("lamps", _("Lamps"), _("How many lamps are on"), default=80),
        camera_height(150, 260),
        TURN,
        *MOVE,
        lens(32),
        horizon(46),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.15,
    seconds_per_megapixel=1.7,
    frame_seconds_per_megapixel=0.9,
    version=3,
)
