"""Lightning with its flash."""

from compositing.effects.lasting import PANES
from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="lightning",
    title=_("Lightning"),
    summary=_("Bolts that fork and the flash they throw over everything: a layer with alpha that loops."),
    draw="compositing.effects.bolts:lightning",
    parameters=(
        Parameter("strikes", _("Strikes"), _("How many in the loop"), minimum=1, maximum=6, default=1, unit=""),
        Parameter("bolt", _("Bolt"), _("How bright the channel is; 0 leaves the flash alone"), default=70),
        Parameter("flash", _("Flash"), _("How strongly the whole picture lights up"), default=45),
        Parameter("forks", _("Forks"), _("How much it branches"), default=55),
        Parameter("x", _("Across"), _("Where it stands, from the left"), default=50),
        Parameter("reach", _("Reach"), _("How far down the picture it comes"), minimum=10, maximum=110, default=60),
        Parameter(
            "colour",
            _("Colour"),
            _("The colour of the light"),
            kind="choice",
            default="blue",
            unit="",
            choices=(
                Choice("blue", _("Blue")),
                Choice("white", _("White")),
                Choice("violet", _("Violet")),
                Choice("gold", _("Gold")),
            ),
        ),
        *PANES,
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.066,
    version=3,
    kind="effect",
    emits=True,
)
