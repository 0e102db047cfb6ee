"""Where a release stands: looked at again whenever somebody is about to rely on it."""

from dataclasses import replace
from typing import Any

from studio.jobs import services as jobs
from studio.ledger import services as ledger
from studio.productions.models import Role
from studio.releases import gates, snapshot
from studio.releases.facts import facts_of
from studio.releases.models import Release, Signature
from studio.releases.states import RELEASE

State = Release.State
# Not yet sealed: these follow the cut.
OPEN = (State.DRAFT, State.CHECKING, State.BLOCKED, State.READY, State.SIGNED)
HANDS = (Role.PRODUCER, Role.DIRECTOR, Role.COMPLIANCE)


def lock(release: Release) -> Release:
    """The release's row, held until the end of the caller's transaction."""
    rows = Release.objects.select_for_update(of=("self",)).select_related("episode__production", "job", "master")
    return rows.get(pk=release.pk)


def look(release: Release, *, actor: Any = None, conformed: bool = False) -> Release:
    """Hold an open release (locked by the caller) against the cut as it is now, check the gate, and set its state.

    Any change of what decides the master's bytes lets go of the master and returns it to draft. Gives the same row.
    conformed: its master has just been recorded, so that the conform is no longer waited for.
    """
    if release.state not in OPEN:
        return release
    rows = snapshot.cut_items(release.episode)
    facts = facts_of(release, rows)
    items = snapshot.items_of(rows)
    digest, inputs = snapshot.cut_digest(items), snapshot.inputs_of(release.episode, label=label_of(facts))
    changed = release.cut_digest != digest or release.inputs != inputs
    if changed:
        _reopen(release, actor)
    elif release.state == State.CHECKING and not conformed:
        return release  # the conform that runs is of exactly this
    was, codes = release.state, {one["code"] for one in release.checks if one["state"] == gates.BLOCK}
    if release.master_id:
        facts = replace(facts, measured=release.measured)
    checks = gates.check(facts)
    RELEASE.move(
        release,
        _state(release, checks),
        items=items,
        cut_digest=digest,
        inputs=inputs,
        checks=[one.plain() for one in checks],
    )
    blocking = {one.code for one in checks if one.state == gates.BLOCK}
    if changed or was != release.state or codes != blocking:
        record("release.checked", release, actor=actor, data={"state": release.state, "blocking": sorted(blocking)})
    return release


def label_of(facts: gates.Facts) -> str:
    """Why the master carries the label: "required" by a layer, "added" by compliance, or "" (it carries none)."""
    return "required" if gates.duty_of(facts).required else "added" if facts.label_added else ""


def _state(release: Release, checks: list[gates.Check]) -> State:
    if gates.blocked(checks):
        return State.BLOCKED
    if not release.master_id:
        return State.DRAFT
    return State.SIGNED if release.state == State.SIGNED else State.READY


def _reopen(release: Release, actor: Any) -> None:
    """The bytes will be others: let go of the master, or of the conform that runs."""
    if release.state == State.CHECKING and release.job is not None and release.job.live:
        jobs.cancel(actor or release.created_by, release.job)
    had = release.master_id
    RELEASE.move(release, State.DRAFT, master=None, measured={}, job=None, error="")
    if had:
        record("release.reopened", release, actor=actor, data={"master": had})


def signatures(release: Release) -> dict[Role, Signature]:
    """Who signed the master as it is; signatures on earlier bytes stay in the books and count no more."""
    rows = release.signatures.filter(master_sha256=release.master_id or "-").select_related("signer")
    return {Role(row.role): row for row in rows}


def record(verb: str, release: Release, *, actor: Any = None, made_from: Any = (), data: Any = None) -> None:
    ledger.record(
        verb,
        production_id=release.episode.production_id,
        subject=release,
        actor=actor,
        made_from=made_from,
        data={"number": release.number, **(data or {})},
        code=f"{release.episode.code} release {release.number}",
    )
