"""Palace hall or teahouse of an older age."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    LIGHT,
    MOVE,
    PALETTE,
    ROOM_KEY,
    TURN,
    Choice,
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
    name="palace",
    title=_("Palace hall"),
    summary=_("Lacquered columns, painted beams, paper windows and candles; a throne or a tea table at the far end."),
    draw="compositing.plates.scenes.palace:stage",
    parameters=(
        LIGHT,
        weather("clear"),
        *ROOM_KEY,
        PALETTE,
        Parameter(
            "end",
            _("At the far end"),
            _("What the hall leads to"),
            kind="choice",
            default="throne",
            unit="",
            choices=(Choice("throne", _("Throne")), Choice("tea", _("Tea table"))),
        ),
        clutter(60),
        Parameter("candles", _("Candles"), _("How many candles and lanterns burn"), default=70),
        camera_height(150, 400),
        TURN,
        *MOVE,
        lens(40),
        horizon(45),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.15,
    seconds_per_megapixel=2.95,
    frame_seconds_per_megapixel=1.2,
    version=4,
)
