"""The books' verbs as people say them. A verb without a sentence here is shown in its own words."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.core.rewording import pieces, reworded
from studio.core.templatetags.huo import money
from studio.ledger.models import Entry
from studio.productions.models import LayerKind, Rate, Role, layer_name
from studio.reviews.models import Decision

SAID = {
    "production.created": gettext_noop("started the production"),
    "production.edited": gettext_noop("changed the production's settings"),
    "episode.created": gettext_noop("added the episode"),
    "episode.edited": gettext_noop("changed the episode"),
    "scene.created": gettext_noop("added the scene"),
    "scene.edited": gettext_noop("changed the scene"),
    "shot.created": gettext_noop("planned the shot"),
    "shot.edited": gettext_noop("changed the shot's facts"),
    "shot.moved": gettext_noop("moved the shot in the cut"),
    "shot.held": gettext_noop("put the shot on hold"),
    "shot.omitted": gettext_noop("omitted the shot"),
    "shot.restored": gettext_noop("brought the shot back"),
    "shot.planned": gettext_noop("put the shot back to planned"),
    "shot.routed": gettext_noop("routed the shot"),
    "shot.in_work": gettext_noop("put the shot in work"),
    "shot.in_review": gettext_noop("put the shot in review"),
    "shot.changes": gettext_noop("sent the shot back for changes"),
    "shot.approved": gettext_noop("approved the shot"),
    "shot.in_cut": gettext_noop("put the shot in the cut"),
    "shot.released": gettext_noop("released the shot"),
    "layer.added": gettext_noop("added a layer"),
    "layer.edited": gettext_noop("changed a layer"),
    "layer.removed": gettext_noop("removed a layer"),
    "layer.moved": gettext_noop("moved a layer"),
    "layer.filled": gettext_noop("filled a layer"),
    "element.made": gettext_noop("made an element"),
    "route.set": gettext_noop("set a route"),
    "route.proposed": gettext_noop("proposed a route"),
    "route.overridden": gettext_noop("set a route"),
    "route.released": gettext_noop("gave a route back to the rule"),
    "route.proposal_dropped": gettext_noop("dropped a proposed route"),
    "take.uncircled": gettext_noop("uncircled a take"),
    "take.window_moved": gettext_noop("moved the 9:16 window of a take"),
    "version.cancelled": gettext_noop("cancelled a version"),
    "route.planned": gettext_noop("routed a layer"),
    "take.received": gettext_noop("uploaded a take"),
    "take.probed": gettext_noop("measured a take"),
    "take.ready": gettext_noop("made a take ready to look at"),
    "take.refused": gettext_noop("refused a take"),
    "take.circled": gettext_noop("circled a take"),
    "draw.asked": gettext_noop("asked for a draw"),
    "draw.done": gettext_noop("finished a draw"),
    "draw.failed": gettext_noop("could not finish a draw"),
    "draw.starred": gettext_noop("starred a draw"),
    "draw.binned": gettext_noop("binned a draw"),
    "draw.promoted": gettext_noop("picked a draw"),
    "version.started": gettext_noop("started a version"),
    "version.rendered": gettext_noop("rendered a version"),
    "version.ready": gettext_noop("finished a version"),
    "version.failed": gettext_noop("could not render a version"),
    "version.exported": gettext_noop("exported a version's foreground"),
    "version.submitted": gettext_noop("sent a version to review"),
    "version.in_review": gettext_noop("sent a version to review"),
    "settings.copied": gettext_noop("copied settings to the shot"),
    "preset.saved": gettext_noop("kept settings as a preset"),
    "preset.saved_over": gettext_noop("saved over a preset"),
    "preset.renamed": gettext_noop("renamed a preset"),
    "preset.taken_back": gettext_noop("took back a change of a preset"),
    "preset.deleted": gettext_noop("deleted a preset"),
    "preset.restored": gettext_noop("brought a preset back"),
    "preset.applied": gettext_noop("gave the shot a preset"),
    "note.added": gettext_noop("wrote a note"),
    "note.replied": gettext_noop("answered a note"),
    "note.drawing_removed": gettext_noop("took a drawing away"),
    "note.addressed": gettext_noop("addressed a note"),
    "note.verified": gettext_noop("verified a note"),
    "note.reopened": gettext_noop("reopened a note"),
    "note.declined": gettext_noop("declined a note"),
    "version.approved": gettext_noop("approved a version"),
    "version.changes_asked": gettext_noop("asked for changes"),
    "version.vetoed": gettext_noop("vetoed a version"),
    "layer.approved": gettext_noop("approved a layer"),
    "layer.changes_asked": gettext_noop("asked for changes on a layer"),
    "upload.stored": gettext_noop("sent a file"),
    "upload.refused": gettext_noop("sent a file that was refused"),
    "draw.unstarred": gettext_noop("took a draw's star away"),
    "draw.restored": gettext_noop("took a draw out of the bin"),
    "draw.cancelled": gettext_noop("cancelled a draw"),
    "draw.replayed": gettext_noop("made a draw again and compared"),
    "model.added": gettext_noop("registered a model"),
    "model.approved": gettext_noop("approved a model's papers"),
    "model.verified": gettext_noop("found a model as it was approved"),
    "model.changed": gettext_noop("found a model changed"),
    "style.changed": gettext_noop("wrote the production's style"),
    "model.removed": gettext_noop("struck a model from the registry"),
    "demo.seeded": gettext_noop("made the demo production"),
    "cut.edited": gettext_noop("edited the cut"),
    "release.created": gettext_noop("prepared a release"),
    "release.checked": gettext_noop("checked the release gate"),
    "release.signed": gettext_noop("signed the release"),
    "release.sealed": gettext_noop("sealed the release"),
    "release.labelled": gettext_noop("added or took off the label"),
    "release.conforming": gettext_noop("asked for the master"),
    "release.conformed": gettext_noop("made the master"),
    "release.failed": gettext_noop("could not make the master"),
    "release.reopened": gettext_noop("let go of the signatures: the bytes changed"),
    "release.published": gettext_noop("marked the release as published"),
    "release.withdrawn": gettext_noop("withdrew the release"),
    "release.waived": gettext_noop("waived a check"),
    "member.invited": gettext_noop("invited somebody"),
    "invitation.revoked": gettext_noop("withdrew an invitation"),
    "member.joined": gettext_noop("joined the team"),
    "member.role": gettext_noop("changed a role"),
    "member.left": gettext_noop("left the team"),
    "rate.added": gettext_noop("added a rate"),
    "rate.removed": gettext_noop("removed a rate"),
    "consent.added": gettext_noop("entered a consent"),
    "consent.changed": gettext_noop("changed a consent"),
    "consent.removed": gettext_noop("removed a consent"),
    "location.added": gettext_noop("added a location"),
    "location.changed": gettext_noop("changed a location"),
    "location.removed": gettext_noop("removed a location"),
    "location.compared": gettext_noop("compared the location's pictures by a model"),
    "location.locked": gettext_noop("kept a version of the location"),
    "shot.pinned": gettext_noop("set the shot to a version of its location"),
    "shot.unpinned": gettext_noop("took back the shot's move to another version"),
    "library.added": gettext_noop("added to the library"),
    "library.changed": gettext_noop("changed a library item"),
    "library.shared": gettext_noop("shared a library item with other productions"),
    "library.unshared": gettext_noop("stopped sharing a library item"),
    "library.retired": gettext_noop("took an item out of the library"),
    "library.restored": gettext_noop("brought a library item back"),
    "library.used": gettext_noop("used a library item"),
    "library.taken_back": gettext_noop("took back the use of a library item"),
}

# What the groups of verbs are about, in the ledger's filter.
GROUPS = {
    "consent": gettext_noop("consents"),
    "cut": gettext_noop("the cut"),
    "decision": gettext_noop("decisions"),
    "demo": gettext_noop("the demo"),
    "draw": gettext_noop("draws"),
    "element": gettext_noop("elements"),
    "episode": gettext_noop("episodes"),
    "invitation": gettext_noop("invitations"),
    "job": gettext_noop("jobs"),
    "layer": gettext_noop("layers"),
    "library": gettext_noop("the library"),
    "location": gettext_noop("locations"),
    "member": gettext_noop("the team"),
    "note": gettext_noop("notes"),
    "preset": gettext_noop("presets"),
    "production": gettext_noop("the production"),
    "rate": gettext_noop("rates"),
    "model": gettext_noop("models"),
    "release": gettext_noop("releases"),
    "route": gettext_noop("routes"),
    "scene": gettext_noop("scenes"),
    "settings": gettext_noop("settings"),
    "shot": gettext_noop("shots"),
    "take": gettext_noop("takes"),
    "upload": gettext_noop("uploads"),
    "version": gettext_noop("versions"),
}

ROW_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")  # for machines: a person reads names


def said(verb: str) -> str:
    """`take.circled` is “circled a take”."""
    return _(SAID[verb]) if verb in SAID else verb.replace(".", ": ", 1).replace("_", " ")


def group(prefix: str) -> str:
    """What the verbs that begin so are about: `take` is “takes”."""
    return _(GROUPS[prefix]) if prefix in GROUPS else prefix


def in_words(name: str, value: str) -> str:
    """One fact of an entry as people say it: roles, verdicts, unnamed layers and sentences in the reader's language."""
    if name == "layer":
        return next((said for kind in LayerKind if (said := layer_name(value, kind)) != value), value)
    if name == "role":
        return str(dict(Role.choices).get(value, value))
    if name == "verdict":
        return str(dict(Decision.Verdict.choices).get(value, value))
    if name == "element":
        return pieces(value)
    return reworded(value) if name == "error" else value


def detail(entry: Entry) -> str:
    """What the entry is about, in a few words: the layer, the element, the role, what a fact changed to."""
    data = entry.data
    named = [
        in_words(name, str(data[name]))
        for name in ("layer", "element", "name", "version", "role", "verdict", "reason", "error", "text")
        if data.get(name) and not ROW_ID.match(str(data[name]))
    ]
    if not named:
        named = [
            f"{key} → {value['to']}"
            for key, value in data.items()
            if isinstance(value, dict) and value.get("to") not in (None, "")
        ]
    named += saving(data)
    return " · ".join(word for word in named if word != entry.subject_code)[:160]


def saving(data: dict[str, Any]) -> list[str]:
    """What an entry says was saved by reuse (taken back: less than nothing), or which rate is missing; [] for none."""
    if missing := data.get("missing_rates"):
        rates = ", ".join(str(Rate.Key(key).label) for key in missing if key in Rate.Key.values)
        return [_("no figure: the rate card has no %(rates)s") % {"rates": rates}]
    amount = data.get("saving_minor")
    return [] if amount is None else [_("saved %(sum)s") % {"sum": money(amount, data.get("currency", "CNY"))}]
