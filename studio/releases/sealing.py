"""Three hands on the same bytes, the seal, and what becomes of a sealed release."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.media import storage
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.services import move_shot
from studio.releases.models import Release, Signature
from studio.releases.services import VERIFY
from studio.releases.standing import HANDS, OPEN, lock, look, record, signatures
from studio.releases.states import RELEASE

State = Release.State
SEALED = (State.SEALED, State.PUBLISHED)


def sign(*, actor: Any, release: Release, master_sha256: str) -> Release:
    """One of the three hands, on exactly the master that was seen; the third one seals.

    Raises Conflict where the master is another one, the gate blocks, or the stored bytes are not what their name says.
    """
    policy.require(actor, Action.SIGN, release)
    whole = _stored_whole(master_sha256)
    refusal = None
    with transaction.atomic():
        release = look(lock(release), actor=actor)  # kept, even where the hand is refused
        try:
            _require_master(release, master_sha256, whole)
            _sign(release, actor)
        except Conflict as error:
            refusal = error
    if refusal is not None:
        raise refusal
    return release


def _sign(release: Release, actor: Any) -> None:
    role = policy.role_of(actor, release)
    there = signatures(release)
    if role in there:
        words = _("%(name)s has signed as %(role)s already.")
        raise Conflict(words % {"name": there[role].signer, "role": there[role].get_role_display()})
    assert role is not None and release.master_id
    Signature.objects.create(release=release, role=role, signer=actor, master_sha256=release.master_id)
    record("release.signed", release, actor=actor, made_from=[release.master_id], data={"role": str(role)})
    if len(there) + 1 == len(HANDS):
        RELEASE.move(release, State.SIGNED)
        _seal(release, actor)


def seal(*, actor: Any, release: Release, master_sha256: str) -> Release:
    """Seal a release that has its three signatures (where the third hand could not)."""
    policy.require(actor, Action.SIGN, release)
    whole = _stored_whole(master_sha256)
    with transaction.atomic():
        release = look(lock(release), actor=actor)
        _require_master(release, master_sha256, whole)
        missing = [hand for hand in HANDS if hand not in signatures(release)]
        if missing:
            raise Conflict(
                _("Not everybody has signed: %(roles)s.") % {"roles": ", ".join(str(r.label) for r in missing)}
            )
        if release.state == State.READY:
            RELEASE.move(release, State.SIGNED)
        _seal(release, actor)
    return release


def _stored_whole(sha256: str) -> bool:
    """Whether the store's bytes are still what their name says."""
    path = storage.path_of(sha256)
    return path.is_file() and storage.sha256_of(path) == sha256


def _require_master(release: Release, sha256: str, whole: bool) -> None:
    if release.state not in OPEN:
        raise Conflict(_("Release %(number)s is sealed already.") % {"number": release.number})
    if release.state == State.BLOCKED:
        raise Conflict(_("The gate blocks again since you looked. See what it says."), code="stale")
    if release.state not in (State.READY, State.SIGNED) or release.master_id != sha256:
        raise Conflict(
            _("The master changed since you looked: reload, and look at the one that stands here now."), code="stale"
        )
    if not whole:
        raise Conflict(_("The master's bytes in the store are not those that were measured. Conform again."))


def _seal(release: Release, actor: Any) -> None:
    hands = signatures(release)
    RELEASE.move(release, State.SEALED, sealed_at=datetime.now(UTC))
    data = {
        "master": release.master_id,
        "cut": release.cut_digest,
        "inputs": release.inputs,
        "items": [{name: item[name] for name in ("shot", "version", "media_sha256")} for item in release.items],
        "waived": sorted(one["code"] for one in release.checks if one["state"] == "waived"),
        "signed_by": {str(role): row.signer.name for role, row in hands.items()},
    }
    media = {item["media_sha256"] for item in release.items} | {str(release.master_id)}
    record("release.sealed", release, actor=actor, made_from=media, data=data)
    for shot in _shots(release):
        if shot.state == Shot.State.APPROVED:
            move_shot(shot=shot, to=Shot.State.IN_CUT, actor=actor)
        if shot.state == Shot.State.IN_CUT:
            move_shot(shot=shot, to=Shot.State.RELEASED, actor=actor)
    production = release.episode.production_id
    # Outside the database, so that a rewritten history no longer holds what was signed.
    transaction.on_commit(lambda: ledger.anchor(production), robust=True)


def _shots(release: Release) -> list[Shot]:
    codes = [item["shot"] for item in release.items]
    return list(Shot.objects.select_for_update().filter(production=release.episode.production, code__in=codes))


@transaction.atomic
def publish(*, actor: Any, release: Release) -> Release:
    """Say that a sealed release has gone out."""
    policy.require(actor, Action.PUBLISH, release)
    release = lock(release)
    RELEASE.move(release, State.PUBLISHED)
    record("release.published", release, actor=actor, made_from=[str(release.master_id)])
    return release


@transaction.atomic
def withdraw(*, actor: Any, release: Release, reason: str) -> Release:
    """Take a sealed or published release back, with a reason. Its bytes and books stay, its shots may be worked on."""
    policy.require(actor, Action.PUBLISH, release)
    if not reason.strip():
        raise Invalid(_("Say why it is withdrawn: the reason stands in the books."))
    release = lock(release)
    RELEASE.move(release, State.WITHDRAWN, withdraw_reason=reason.strip()[:300])
    record("release.withdrawn", release, actor=actor, data={"reason": reason.strip()[:300]})
    others = Release.objects.filter(episode=release.episode, state__in=SEALED).exclude(pk=release.pk)
    kept = {item["shot"] for other in others for item in other.items}
    for shot in _shots(release):
        if shot.state == Shot.State.RELEASED and shot.code not in kept:
            move_shot(shot=shot, to=Shot.State.IN_CUT, actor=actor)
    return release


@transaction.atomic
def verify(*, actor: Any, release: Release) -> Job:
    """Have the master held against the books again; the job's result says what was found."""
    policy.require(actor, Action.SEE_INTERNAL, release)
    if not release.master_id:
        raise Conflict(_("There is no master yet."))
    return jobs.submit(
        VERIFY,
        production_id=release.episode.production_id,
        subject=release,
        title=_("Verify %(episode)s release %(number)s") % {"episode": release.episode.code, "number": release.number},
        payload={"release": str(release.pk)},
        key=f"{VERIFY}:{release.pk}",
        created_by=actor,
    )
