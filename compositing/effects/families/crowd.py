"""People far behind."""

from compositing.plates.family import Choice, Family, Parameter, gettext_noop

_ = gettext_noop

FAMILY = Family(
    name="crowd",
    title=_("Passers-by"),
    summary=_(
        "People who stand and walk on the ground of the plate, over nothing: a layer with alpha that loops. "
        "Sharp they hold from twelve metres on, as far out of focus as behind a close-up from six or so; asked for "
        "nearer they stand back."
    ),
    draw="compositing.effects.crowd:frames_of_crowd",
    parameters=(
        Parameter(
            "ground",
            _("Stand on"),
            _("The depth of a plate drawn by rule: they stand on its ground, behind what stands nearer, in its light"),
            kind="picture",
            default="",
            unit="",
        ),
        Parameter("density", _("Density"), _("From a few to a full street"), default=45),
        Parameter(
            "period",
            _("Period"),
            _("What they wear"),
            kind="choice",
            default="place",
            unit="",
            choices=(
                Choice("place", _("As the place has it")),
                Choice("modern", _("Today")),
                Choice("eighties", _("The 1980s")),
                Choice("republican", _("Republican era")),
                Choice("ancient", _("Ancient")),
            ),
        ),
        Parameter(
            "walking", _("Walking"), _("How many walk; the others stand about, some in twos that talk"), default=50
        ),
        Parameter(
            "direction",
            _("Direction"),
            _("Which way they walk"),
            kind="choice",
            default="both",
            unit="",
            choices=(
                Choice("both", _("Both ways")),
                Choice("left", _("To the left")),
                Choice("right", _("To the right")),
                Choice("depth", _("Along the view")),
            ),
        ),
        Parameter(
            "faces",
            _("Looking"),
            _("Which way they look"),
            kind="choice",
            default="mixed",
            unit="",
            choices=(
                Choice("mixed", _("Each their own way")),
                Choice("away", _("Away")),
                Choice("here", _("To the camera")),
            ),
        ),
        Parameter(
            "nearest",
            _("Nearest"),
            _("How near they come, as far as they hold: the softer their focus, the nearer"),
            minimum=3,
            maximum=80,
            default=9,
            unit="m",
        ),
        Parameter("depth", _("Depth"), _("How far back they stand"), minimum=4, maximum=120, default=40, unit="m"),
        Parameter(
            "horizon",
            _("Eye level"),
            _("Where the plate's horizon lies, from the top of the picture"),
            minimum=15,
            maximum=85,
            default=43,
        ),
        Parameter(
            "camera_height", _("Camera height"), _("Above the ground"), minimum=40, maximum=1200, default=150, unit="cm"
        ),
        Parameter(
            "tone",
            _("Tone"),
            _("The light they stand in"),
            kind="choice",
            default="day",
            unit="",
            choices=(
                Choice("day", _("Day")),
                Choice("golden", _("Golden hour")),
                Choice("night", _("Night")),
                Choice("lamps", _("Lamps")),
                Choice("storm", _("Storm")),
            ),
        ),
        Parameter("haze", _("Haze"), _("How much air lies between near and far"), default=30),
        Parameter("soft", _("Soft focus"), _("How far they lie out of focus behind a sharp actor"), default=45),
    ),
    seconds_fixed=0.3,
    seconds_per_megapixel=0.055,
    version=3,
    kind="crowd",
)
