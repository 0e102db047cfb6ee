"""Rain on the pane before the lens."""

from compositing.effects.lasting import PANES
from compositing.plates.family import Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="glass_drops",
    title=_("Drops on glass"),
    summary=_("Beads on a pane, and drops that run down between them: a layer with alpha that loops."),
    draw="compositing.effects.glass:drops_on_glass",
    parameters=(
        Parameter("density", _("Density"), _("How many beads stay on the pane"), default=45),
        Parameter("running", _("Running drops"), _("How many run down"), default=35),
        Parameter("size", _("Size"), _("How large they are"), default=50),
        Parameter("opacity", _("Opacity"), _("How strongly it shows"), default=80),
        *PANES,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.042,
    version=2,
    kind="effect",
)
