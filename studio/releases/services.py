"""What happens to a release on its way to a master: prepared, checked, waived, labelled, conformed."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.media.models import Artefact
from studio.productions import policy
from studio.productions.models import Episode
from studio.productions.policy import Action
from studio.releases import gates
from studio.releases.facts import facts_of
from studio.releases.models import Release, Waiver
from studio.releases.standing import OPEN, lock, look, record
from studio.releases.states import RELEASE

State = Release.State
CONFORM, VERIFY = "releases.conform", "releases.verify"
WAIVERS = {gates.COST: Action.WAIVE_COST, gates.CREATIVE: Action.WAIVE_CREATIVE, gates.LEGAL: Action.WAIVE_LEGAL}


@transaction.atomic
def create(*, actor: Any, episode: Episode) -> Release:
    """A draft of the episode's next release, checked at once. Raises Conflict while another one is open."""
    policy.require(actor, Action.RELEASE, episode)
    episode = Episode.objects.select_for_update(of=("self",)).select_related("production").get(pk=episode.pk)
    unfinished = Release.objects.filter(episode=episode, state__in=OPEN).first()
    if unfinished is not None:
        raise Conflict(_("Release %(number)s is still open. Seal it first.") % {"number": unfinished.number})
    number = (episode.releases.aggregate(last=Max("number"))["last"] or 0) + 1
    release = Release.objects.create(episode=episode, number=number, created_by=actor)
    record("release.created", release, actor=actor)
    return look(lock(release), actor=actor)


@transaction.atomic
def check(*, actor: Any, release: Release) -> Release:
    """Hold the release against the cut and the gate as they are now."""
    policy.require(actor, Action.RELEASE, release)
    return look(lock(release), actor=actor)


@transaction.atomic
def keep_true(release: Release) -> Release:
    """For a page that is about to show it: things outside the cut (a paper, a note, a filing number) may have moved."""
    return look(lock(release))


def waiver_action(code: str) -> Action | None:
    """Whose right it is to waive a check; None where nobody may."""
    kind = gates.WAIVABLE.get(code)
    return WAIVERS[kind] if kind else None


@transaction.atomic
def waive(*, actor: Any, release: Release, code: str, fingerprint: str, reason: str) -> Release:
    """Let one blocking check pass, with a reason that stays on the sealed page. fingerprint: the finding that was seen.

    Raises Conflict where the finding is another one now, Forbidden where it is somebody else's to waive.
    """
    action = waiver_action(code)
    if action is None:
        raise Invalid(_("This check can't be waived: mend what it says."))
    policy.require(actor, action, release)
    release = look(lock(release), actor=actor)
    _require_open(release)
    if not reason.strip():
        raise Invalid(_("A waiver needs its reason: it stands in the books and on the sealed page."))
    found = next((one for one in release.checks if one["code"] == code), None)
    if found is None or found["state"] != gates.BLOCK or found["fingerprint"] != fingerprint:
        raise Conflict(_("The check says something else by now. Reload, read it, and decide again."), code="stale")
    Waiver.objects.create(
        release=release, check_code=code, fingerprint=fingerprint, reason=reason.strip()[:300], waived_by=actor
    )
    record("release.waived", release, actor=actor, data={"check": code, "reason": reason.strip()[:300]})
    return look(release, actor=actor)


@transaction.atomic
def set_label(*, actor: Any, release: Release, added: bool) -> Release:
    """Add the AI label though no layer obliges it, or take that back. What a layer obliges can't be taken off."""
    policy.require(actor, Action.ADD_LABEL, release)
    release = lock(release)
    _require_open(release)
    if release.label_added != added:
        release.label_added = added
        release.save(update_fields=["label_added"])
        record("release.labelled", release, actor=actor, data={"added": added})
    return look(release, actor=actor)


def _require_open(release: Release) -> None:
    if release.state not in OPEN:
        words = _("Release %(number)s is %(state)s: nothing about it can change any more. Prepare the next one.")
        raise Conflict(words % {"number": release.number, "state": release.get_state_display()})


@transaction.atomic
def conform(*, actor: Any, release: Release) -> Release:
    """Have the master made from the cut as it is. Raises Conflict while the gate blocks; says what blocks."""
    policy.require(actor, Action.RELEASE, release)
    release = look(lock(release), actor=actor)
    _require_open(release)
    if release.state == State.CHECKING:
        raise Conflict(_("The master is being made already."))
    before = gates.check(facts_of(release))  # without the master: a faulty one is mended by making it again
    if gates.blocked(before):
        codes = [one.code for one in before if one.state == gates.BLOCK]
        raise Conflict(_("The gate blocks: %(count)s checks have to be mended first.") % {"count": len(codes)})
    if release.state != State.DRAFT:
        RELEASE.move(release, State.DRAFT)
    job = jobs.submit(
        CONFORM,
        production_id=release.episode.production_id,
        subject=release,
        title=_("%(episode)s release %(number)s") % {"episode": release.episode.code, "number": release.number},
        payload={"release": str(release.pk)},
        created_by=actor,
    )
    RELEASE.move(
        release, State.CHECKING, job=job, master=None, measured={}, error="", checks=[c.plain() for c in before]
    )
    data = {"cut": release.cut_digest, "label": release.inputs["label"]}
    record("release.conforming", release, actor=actor, data=data)
    return release


@transaction.atomic
def record_master(*, run: Any, release: Release, master: Artefact, measured: dict[str, Any]) -> Release:
    """The conformed, signed and measured film becomes the release's master, and the gate looks at it.

    measured: see `measuring.summary`. Raises LeaseLost by the fence, Conflict where the release has moved on meanwhile.
    """
    run.fence()
    release = lock(release)
    if release.state != State.CHECKING or release.job_id != run.job.pk:
        raise Conflict(_("The cut changed while the master was made. Make it again."))
    release.master, release.measured = master, measured
    release.save(update_fields=["master", "measured"])
    media = sorted({item["media_sha256"] for item in release.items})
    data = {"master": master.pk, "frames": measured["frame_count"], "cut": release.cut_digest}
    record("release.conformed", release, made_from=media, data=data, actor=run.job.created_by)
    return look(release, conformed=True)


def conform_failed(job: Job) -> None:
    """The work was given up or called off: the release is a draft again and says why."""
    release = Release.objects.filter(pk=UUID(job.payload["release"]), job_id=job.pk, state=State.CHECKING).first()
    if release is not None:
        with transaction.atomic():
            release = lock(release)
            RELEASE.move(release, State.DRAFT, error=job.error, job=None)
            record("release.failed", release, data={"error": job.error})
