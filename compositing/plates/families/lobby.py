"""Hotel or company lobby."""

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
    name="lobby",
    title=_("Lobby"),
    summary=_("Marble, square columns, rings of light, a reception desk and seats, glass to the street."),
    draw="compositing.plates.scenes.lobby:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        PERIOD,
        clutter(50),
        Parameter("lamps", _("Lamps"), _("How many lamps are on"), default=80),
        camera_height(155, 260),
        TURN,
        *MOVE,
        lens(35),
        horizon(47),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.15,
    seconds_per_megapixel=2.9,
    frame_seconds_per_megapixel=1.25,
    version=3,
)
