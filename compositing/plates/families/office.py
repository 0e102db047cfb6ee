"""Office behind glass, high over a city."""

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
    name="office",
    title=_("Office above the city"),
    summary=_("A corner office with glass from floor to ceiling: desks, lamps, a polished floor, the city outside."),
    draw="compositing.plates.scenes.office:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        PERIOD,
        clutter(60),
        Parameter("ceiling_lights", _("Ceiling lights"), _("How many ceiling lights are on"), default=45),
        Parameter("desk_lamps", _("Desk lamps"), _("How many desk lamps are on"), default=70),
        camera_height(145, 260),
        TURN,
        *MOVE,
        lens(40),
        horizon(43),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.25,
    seconds_per_megapixel=2.4,
    frame_seconds_per_megapixel=1.05,
    version=4,
)
