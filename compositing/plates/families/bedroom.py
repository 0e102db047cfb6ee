"""Bedroom with a window."""

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
    name="bedroom",
    title=_("Bedroom"),
    summary=_("A made or slept-in bed, bedside lamps, curtains, and the town outside the window."),
    draw="compositing.plates.scenes.bedroom:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        PERIOD,
        clutter(50),
        Parameter("lamps", _("Lamps"), _("How many lamps are on"), default=70),
        camera_height(140, 260),
        TURN,
        *MOVE,
        lens(30),
        horizon(44),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=1.0,
    seconds_per_megapixel=2.0,
    frame_seconds_per_megapixel=1.7,
    version=3,
)
