"""The books' verbs as people say them. A verb without a sentence here is shown in its own words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.ledger.models import Entry

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
    "shot.routed": gettext_noop("the shot is routed"),
    "shot.in_work": gettext_noop("the shot is in work"),
    "shot.in_review": gettext_noop("the shot went to review"),
    "shot.changes": gettext_noop("changes are asked for"),
    "shot.approved": gettext_noop("the shot is approved"),
    "shot.in_cut": gettext_noop("the shot is in the cut"),
    "shot.released": gettext_noop("the shot is released"),
    "layer.added": gettext_noop("added a layer"),
    "layer.edited": gettext_noop("changed a layer"),
    "layer.removed": gettext_noop("removed a layer"),
    "layer.moved": gettext_noop("moved a layer"),
    "layer.filled": gettext_noop("filled a layer"),
    "element.made": gettext_noop("made an element"),
    "route.set": gettext_noop("set a route"),
    "route.proposed": gettext_noop("proposed a route"),
    "route.planned": gettext_noop("the planner set a route"),
    "take.received": gettext_noop("uploaded a take"),
    "take.probed": gettext_noop("a take was measured"),
    "take.ready": gettext_noop("a take is ready to look at"),
    "take.refused": gettext_noop("a take was refused"),
    "take.circled": gettext_noop("circled a take"),
    "draw.asked": gettext_noop("asked for a draw"),
    "draw.done": gettext_noop("a draw came out"),
    "draw.failed": gettext_noop("a draw failed"),
    "draw.starred": gettext_noop("starred a draw"),
    "draw.binned": gettext_noop("binned a draw"),
    "draw.promoted": gettext_noop("picked a draw"),
    "version.started": gettext_noop("started a version"),
    "version.rendered": gettext_noop("a version was rendered"),
    "version.ready": gettext_noop("a version is ready"),
    "version.failed": gettext_noop("a version failed"),
    "version.submitted": gettext_noop("sent a version to review"),
    "version.in_review": gettext_noop("sent a version to review"),
    "note.added": gettext_noop("wrote a note"),
    "note.addressed": gettext_noop("addressed a note"),
    "note.verified": gettext_noop("verified a note"),
    "note.reopened": gettext_noop("reopened a note"),
    "note.declined": gettext_noop("declined a note"),
    "decision.made": gettext_noop("decided"),
    "cut.edited": gettext_noop("edited the cut"),
    "release.created": gettext_noop("prepared a release"),
    "release.checked": gettext_noop("the release gate was checked"),
    "release.signed": gettext_noop("signed the release"),
    "release.sealed": gettext_noop("the release is sealed"),
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
}


def said(verb: str) -> str:
    """`take.circled` is “circled a take”."""
    return _(SAID[verb]) if verb in SAID else verb.replace(".", ": ", 1).replace("_", " ")


def detail(entry: Entry) -> str:
    """What the entry is about, in a few words: the layer, the element, the role, what a fact changed to."""
    data = entry.data
    named = [
        str(data[name])
        for name in ("layer", "element", "name", "role", "verdict", "reason", "error", "text")
        if data.get(name)
    ]
    if not named:
        named = [
            f"{key} → {value['to']}"
            for key, value in data.items()
            if isinstance(value, dict) and value.get("to") not in (None, "")
        ]
    return " · ".join(named)[:160]
