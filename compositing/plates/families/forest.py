"""Woods: pines, broadleaf or bamboo."""

from compositing.plates.family import (
    BRIGHTNESS,
    DEFOCUS,
    HAZE,
    KEY,
    LIGHT,
    MOVE,
    PALETTE,
    TURN,
    Choice,
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
    name="forest",
    title=_("Woods"),
    summary=_("A path through bamboo, pines or broadleaved trees."),
    draw="compositing.plates.scenes.outdoors:forest",
    parameters=(
        LIGHT,
        weather("clear"),
        *KEY,
        PALETTE,
        Parameter(
            "kind",
            _("Trees of the wood"),
            _("What the wood is made of"),
            kind="choice",
            default="bamboo",
            unit="",
            choices=(
                Choice("bamboo", _("Bamboo")),
                Choice("pines", _("Pines")),
                Choice("broadleaf", _("Broadleaved trees")),
            ),
        ),
        Parameter(
            "season",
            _("Season"),
            _("What grows, and where snow lies"),
            kind="choice",
            default="summer",
            unit="",
            choices=(Choice("summer", _("Summer")), Choice("autumn", _("Autumn")), Choice("winter", _("Winter"))),
        ),
        Parameter("trees", _("Trees"), _("How many trees stand about"), default=60),
        camera_height(155, 600),
        TURN,
        *MOVE,
        lens(30),
        horizon(48),
        HAZE,
        DEFOCUS,
        BRIGHTNESS,
    ),
    seconds_fixed=0.5,
    seconds_per_megapixel=1.75,
    frame_seconds_per_megapixel=1.1,
)
