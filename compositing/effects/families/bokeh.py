"""Lamps far behind, as discs."""

from compositing.effects.lasting import LASTING
from compositing.plates.family import Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="bokeh",
    title=_("Lights out of focus"),
    summary=_("Lamps far behind the actor as soft discs, twinkling a little: a layer with alpha that loops."),
    draw="compositing.effects.glass:bokeh",
    parameters=(
        Parameter("density", _("Density"), _("How many lamps"), default=40),
        Parameter("size", _("Size"), _("How far out of focus they are"), default=50),
        Parameter("line", _("Height"), _("Where they gather, from the top of the picture"), default=38),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=60),
        *LASTING,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.057,
    version=2,
    kind="effect",
    emits=True,
)
