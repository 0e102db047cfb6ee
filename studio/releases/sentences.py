"""The gate in words: what each check is, and what blocks it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from studio.releases.models import Release

TITLES = {
    "cut": _("The cut has shots"),
    "approved": _("Every shot plays an approved version"),
    "head": _("No shot has a newer version"),
    "bytes": _("The bytes are those that were approved"),
    "must_notes": _("No must-note is open"),
    "format": _("Every master is 9:16 at the production's rate"),
    "frames": _("Every range lies inside its version"),
    "licences": _("Every layer has a licence"),
    "models": _("Every model's licence allows this production"),
    "random_weights": _("No layer comes from a model with random weights"),
    "consent": _("Every actor on screen has given consent"),
    "filing": _("The filing number is there"),
    "producer_code": _("The producer code of the AI label is there"),
    "budget": _("The cost keeps to the budget"),
    "master": _("The master has every frame, at its size and rate"),
    "label": _("The AI label is burned, tall and long enough"),
    "implicit": _("The AIGC key is in the file"),
    "manifest": _("The C2PA manifest is valid"),
}
WHYS = {
    ("cut", "empty"): _("The cut is empty: add approved shots to it."),
    ("approved", "unapproved"): _("These shots are not approved yet: %(shots)s."),
    ("head", "newer_head"): _(
        "A newer version than the one in the cut exists: %(shots)s. Take it, or settle it first."
    ),
    ("bytes", "not_what_was_approved"): _("The approval saw other bytes than the cut holds: %(shots)s. Decide again."),
    ("must_notes", "open"): _("%(count)s must-notes are not verified, on %(shots)s."),
    ("format", "not_9_16"): _("The production's format is %(width)s × %(height)s, which is not 9:16."),
    ("format", "differs"): _("Rendered in another format than the production's: %(shots)s. Render them again."),
    ("frames", "outside"): _("The cut asks for frames that are not there: %(shots)s. Trim again."),
    ("licences", "missing"): _("No licence is declared for %(layers)s."),
    ("models", "not_commercial"): _(
        "%(model)s (%(licence)s) may not be used commercially: %(layers)s. Draw these with another model."
    ),
    ("models", "territory"): _(
        "%(model)s (%(licence)s) may not be used in %(where)s: %(layers)s. Draw these with another model."
    ),
    ("models", "unknown"): _("%(model)s is not in the model registry any more: %(layers)s. Register it again."),
    ("models", "territories_unsaid"): _(
        "%(model)s (%(licence)s) may not be used everywhere: say where the production is to be shown. %(layers)s."
    ),
    ("models", "commercial_unclear"): _(
        "Whether %(model)s (%(licence)s) may be used commercially is contested or not said: %(layers)s."
    ),
    ("models", "unapproved"): _("Nobody has approved %(model)s: %(layers)s."),
    ("random_weights", "there"): _(
        "A model with random weights drew layers of %(shots)s. Draw these with a real model."
    ),
    ("consent", "nobody_named"): _("Nobody says who is on screen: %(names)s. Name them on the shot's page."),
    ("consent", "no_consent"): _("No consent is on file: %(names)s."),
    ("consent", "expired"): _("The consent has run out: %(names)s."),
    ("consent", "no_alteration"): _("A model altered an actor whose consent does not allow that: %(names)s."),
    ("filing", "missing"): _("The production has no filing number yet: every work carries one in its head credits."),
    ("filing", "unfit"): _("“%(number)s” does not look like a filing number of this house's pattern."),
    ("producer_code", "unfit"): _(
        "The AI label names its producer by a code of 27 characters; the production has none."
    ),
    ("producer_code", "not_needed"): _("No AI label is due, so none is needed."),
    ("budget", "over"): _("More was spent than the budget allows; the producer may waive this."),
    ("budget", "unknown"): _("No budget or no rates: nothing to hold the cost against."),
    ("master", "differs"): _(
        "The master has %(frames)s frames and the cut %(wanted)s, or its format differs. Conform again."
    ),
    ("label", "too_small"): _(
        "The label measures %(label_height_px)s px over %(label_frames)s frames: too small or too short."
    ),
    ("label", "not_due"): _("No layer is AI-made: no label is owed."),
    ("implicit", "missing"): _("The AIGC key is not in the file. Conform again."),
    ("implicit", "not_due"): _("No layer is AI-made: no key is owed."),
    ("manifest", "invalid"): _("The manifest reads “%(state)s”. Conform again."),
}

# Verifying a file: (finding, why), "" where it is as it should be.
FINDINGS = {
    ("books", ""): _("These bytes are release %(number)s of %(production)s %(episode)s."),
    ("books", "unknown"): _("These bytes are in no book of this studio."),
    ("books", "unknown_claims"): _(
        "These bytes are in no book of this studio, though the file calls itself “%(claim)s”: they were changed."
    ),
    ("film", "unreadable"): _("The film can't be read: %(error)s"),
    ("standing", ""): _("The release is %(state)s."),
    ("standing", "replaced"): _("This was a master once, and another one took its place."),
    ("standing", "withdrawn"): _("The release was withdrawn: %(reason)s"),
    ("standing", "unsealed"): _("The release is “%(state)s”: it was never sealed."),
    ("manifest", ""): _("The C2PA manifest is valid, under this studio's own certificate."),
    ("manifest", "absent"): _("The file has no C2PA manifest: it was taken off, or the film was packed anew."),
    ("manifest", "invalid"): _("The bytes are not those that the C2PA manifest signed (%(problems)s)."),
    ("manifest", "stranger"): _("The C2PA manifest was signed by somebody else than this studio."),
    ("claims", ""): _("The manifest names this release and this cut."),
    ("claims", "others"): _("The manifest names another release or another cut than the books."),
    ("frames", ""): _("It has %(frames)s frames, at the size and rate of the books."),
    ("frames", "differ"): _("It has %(frames)s frames where the books have %(wanted)s, or another size or rate."),
    ("frames", "damaged"): _("Frames are damaged, or the rate varies."),
    ("aigc", ""): _("The AIGC key is as it was sealed."),
    ("aigc", "none"): _("No AIGC key is owed, and there is none."),
    ("aigc", "differs"): _("The AIGC key is missing, or says something else than the books."),
    ("aigc", "unasked"): _("There is an AIGC key that the books don't know."),
    ("label", ""): _("The label measures %(label_height_px)s px over %(label_frames)s frames."),
    ("label", "none"): _("No label is owed."),
    ("label", "too_small"): _("The label measures %(label_height_px)s px over %(label_frames)s frames: too little."),
    ("signatures", ""): _("Signed by %(names)s."),
    ("signatures", "missing"): _("Not all three hands signed these bytes: %(names)s."),
    ("chain", ""): _("The books are whole; entry %(entry)s sealed it at %(at)s."),
    ("chain", "broken"): _("The books are broken: %(first)s"),
    ("chain", "not_entered"): _("The books have no entry that seals these bytes."),
}


def worded(check: Mapping[str, Any]) -> dict[str, Any]:
    """A check with `title` and `sentence` in the reader's language."""
    params = dict(check.get("params") or {}) | {"shots": ", ".join(check.get("shots") or ())}
    why = WHYS.get((str(check["code"]), str(check.get("why") or "")))
    return {**check, "title": TITLES.get(check["code"], check["code"]), "sentence": str(why) % params if why else ""}


def finding_worded(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding of `verifying` with `good` and its `sentence` in the reader's language."""
    params = dict(finding.get("params") or {})
    why = str(finding.get("why") or "")
    key = (str(finding["code"]), "none" if not why and params.get("none") else why)
    if "state" in params:
        params["state"] = (
            Release.State(params["state"]).label if params["state"] in Release.State.values else params["state"]
        )
    sentence = FINDINGS.get(key)
    return {**finding, "good": not why, "sentence": str(sentence) % params if sentence else finding["code"]}
