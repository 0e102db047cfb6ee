"""What each kind of job does, as people say it."""

from django.utils.translation import gettext, gettext_noop

LABELS = {
    "footage.probe": gettext_noop("Probing the take"),
    "footage.proxy": gettext_noop("Making the take's review proxy"),
    "generation.draw": gettext_noop("Drawing"),
    "comps.render": gettext_noop("Rendering the version"),
    "media.adopt": gettext_noop("Checking the uploaded file"),
    "pipeline.advance": gettext_noop("Seeing what comes next"),
    "releases.conform": gettext_noop("Making the master"),
    "releases.verify": gettext_noop("Holding the file against the books"),
}


def label(kind: str) -> str:
    """`footage.probe` is “Probing the take”; a kind without a label is shown in its own words."""
    return gettext(LABELS[kind]) if kind in LABELS else kind.replace(".", ": ").replace("_", " ")
