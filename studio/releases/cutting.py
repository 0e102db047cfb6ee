"""What editors do to a cut: take approved shots in and out, trim them, take a newer version."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.comps.models import Version
from studio.core.errors import Conflict, Invalid
from studio.ledger import services as ledger
from studio.productions import policy
from studio.productions.models import Episode, Shot
from studio.productions.policy import Action
from studio.productions.services import move_shot, place_shot
from studio.releases import standing
from studio.releases.models import Cut, CutItem, Release
from studio.reviews.selectors import head_of


def _locked(episode: Episode) -> Cut:
    Cut.objects.get_or_create(episode=episode)
    return Cut.objects.select_for_update(of=("self",)).select_related("episode__production").get(episode=episode)


def _edited(cut: Cut, actor: Any, act: str, shots: list[str], **data: Any) -> None:
    """Enter the edit, and have the releases that are still open follow it."""
    cut.save(update_fields=["updated_at"])
    ledger.record(
        "cut.edited",
        production_id=cut.episode.production_id,
        subject=cut,
        actor=actor,
        data={"act": act, "shots": shots, **data},
        code=f"{cut.episode.code} cut",
    )
    follow(cut.episode, actor)


def follow(episode: Episode, actor: Any = None) -> None:
    """Look again at the episode's open releases; one whose cut changed is a draft afterwards."""
    for release in Release.objects.filter(episode=episode, state__in=standing.OPEN):
        standing.look(standing.lock(release), actor=actor)


def approved_head(shot: Shot) -> Version:
    """The version a cut may take. Raises Conflict with what stands in the way."""
    head = head_of(shot)
    if head is None:
        raise Conflict(_("%(shot)s has no version before reviewers yet.") % {"shot": shot.code})
    if head.state != Version.State.APPROVED:
        words = _("%(version)s of %(shot)s is “%(state)s”: the cut takes approved versions.")
        raise Conflict(words % {"version": head.name, "shot": shot.code, "state": head.get_state_display()})
    return head


@transaction.atomic
def add_shot(*, actor: Any, episode: Episode, shot: Shot) -> CutItem:
    """Put a shot's approved version into the cut, whole, at its place on the board."""
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    item = _add(cut, shot, actor)
    _edited(cut, actor, "add", [shot.code], version=item.version.name if item.version else "")
    return item


@transaction.atomic
def add_all(*, actor: Any, episode: Episode) -> list[CutItem]:
    """Put every shot whose head is approved into the cut. Raises Conflict where there is none to add."""
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    shots = Shot.objects.filter(scene__episode=episode, state__in=("approved", "released"))
    made = []
    for shot in shots.exclude(cut_items__cut=cut).order_by("order"):
        head = head_of(shot)
        if head is not None and head.state == Version.State.APPROVED:
            made.append(_add(cut, shot, actor))
    if not made:
        raise Conflict(_("There is no approved shot that is not in the cut already."))
    _edited(cut, actor, "add", [item.shot.code for item in made])
    return made


def _add(cut: Cut, shot: Shot, actor: Any) -> CutItem:
    if shot.scene.episode_id != cut.episode_id:
        raise Invalid(_("%(shot)s belongs to another episode.") % {"shot": shot.code})
    shot = Shot.objects.select_for_update(of=("self",)).select_related("scene", "production").get(pk=shot.pk)
    if cut.items.filter(shot=shot).exists():
        raise Conflict(_("%(shot)s is in the cut already.") % {"shot": shot.code})
    item = CutItem.objects.create(cut=cut, shot=shot, version=approved_head(shot))
    _into_cut(shot, actor)
    return item


def _into_cut(shot: Shot, actor: Any) -> None:
    if shot.state == Shot.State.APPROVED:
        move_shot(shot=shot, to=Shot.State.IN_CUT, actor=actor)


def _item(cut: Cut, shot: Shot) -> CutItem:
    item = cut.items.select_related("shot", "version").filter(shot=shot).first()
    if item is None:
        raise Conflict(_("%(shot)s is not in the cut any more. Reload to see it as it is.") % {"shot": shot.code})
    return item


@transaction.atomic
def remove_shot(*, actor: Any, episode: Episode, shot: Shot) -> None:
    """Take a shot out of the cut; it stays approved."""
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    item = _item(cut, shot)
    item.delete()
    shot = Shot.objects.select_for_update(of=("self",)).get(pk=shot.pk)
    if shot.state == Shot.State.IN_CUT:
        move_shot(shot=shot, to=Shot.State.APPROVED, actor=actor)
    _edited(cut, actor, "remove", [shot.code])


@transaction.atomic
def trim(*, actor: Any, episode: Episode, shot: Shot, frame_in: int, frame_out: int | None) -> CutItem:
    """Show frames frame_in..frame_out (indexes from 0, inclusive; None: to the end). Invalid outside the version."""
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    item = _item(cut, shot)
    count = item.version.frame_count if item.version else 0
    last = count - 1 if frame_out is None else frame_out
    if not 0 <= frame_in <= last < count:
        start = cut.episode.production.start_frame
        words = _("%(shot)s has frames %(first)s to %(last)s; the in point stands before the out point.")
        raise Invalid(words % {"shot": shot.code, "first": start, "last": start + count - 1})
    item.frame_in, item.frame_out = frame_in, None if last == count - 1 else last
    item.save(update_fields=["frame_in", "frame_out"])
    _edited(cut, actor, "trim", [shot.code], frame_in=frame_in, frame_out=last)
    return item


@transaction.atomic
def take_head(*, actor: Any, episode: Episode, shot: Shot) -> CutItem:
    """Play the shot's newest approved version instead; the trim stays where the new version has those frames."""
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    item = _item(cut, shot)
    shot = Shot.objects.select_for_update(of=("self",)).get(pk=shot.pk)
    head = approved_head(shot)
    was = item.version
    if was is not None and was.pk == head.pk:
        raise Conflict(_("The cut plays %(version)s already.") % {"version": head.name})
    item.version = head
    if item.frame_in >= head.frame_count:
        item.frame_in = 0
    if item.frame_out is not None and item.frame_out >= head.frame_count - 1:
        item.frame_out = None
    item.save(update_fields=["version", "frame_in", "frame_out"])
    _into_cut(shot, actor)
    _edited(cut, actor, "take", [shot.code], version=head.name, was=was.name if was else "")
    return item


@transaction.atomic
def move(*, actor: Any, episode: Episode, shot: Shot, after: Shot | None) -> str:
    """Move a shot to stand right after `after` in the cut (None: first). The board has the same order.

    Gives the code of the shot it stood after in the cut before (empty: it was first), so that it can be undone.
    """
    policy.require(actor, Action.EDIT_CUT, episode)
    cut = _locked(episode)
    _item(cut, shot)
    order = [item.shot for item in cut.items.select_related("shot").order_by("shot__order", "shot__code")]
    at = [other.pk for other in order].index(shot.pk)
    came_after = order[at - 1].code if at else ""
    if after is not None and after.pk == shot.pk:
        return came_after
    place_shot(actor=actor, shot=shot, after=after)
    _edited(cut, actor, "move", [shot.code], after=after.code if after else "")
    return came_after
