"""What each kind of job does, as people say it."""

from django.utils.translation import gettext, gettext_noop

LABELS = {
    "footage.probe": gettext_noop("Probe the take"),
    "footage.proxy": gettext_noop("Make the review proxy"),
    "generation.draw": gettext_noop("Draw"),
    "generation.lights": gettext_noop("Measure the light of draws"),
    "generation.looks": gettext_noop("Read what pictures look like"),
    "generation.senses": gettext_noop("Read what pictures show"),
    "generation.verify": gettext_noop("Check a model's files"),
    "comps.render": gettext_noop("Render the version"),
    "comps.export": gettext_noop("Export the foreground"),
    "media.adopt": gettext_noop("Check the upload"),
    "pipeline.advance": gettext_noop("See what comes next"),
    "releases.conform": gettext_noop("Make the master"),
    "releases.verify": gettext_noop("Hold the file against the books"),
}


def label(kind: str) -> str:
    """`footage.probe` is “Probe the take”; a kind without a label is shown in its own words."""
    return gettext(LABELS[kind]) if kind in LABELS else kind.replace(".", ": ").replace("_", " ")
