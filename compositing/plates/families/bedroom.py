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
    seconds_fixed=0.25,
    seconds_per_megapixel=1.75,
    frame_seconds_per_megapixel=1.1,
    version=3,
)
