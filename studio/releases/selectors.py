"""What the cut's and the release's pages and the API read. Callers have checked that the reader is in the team."""

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from studio.comps.models import Version
from studio.jobs.models import Job
from studio.jobs.selectors import latest_for
from studio.productions.models import Episode, Role, Shot
from studio.releases import labels
from studio.releases.facts import heads_of, layer_facts
from studio.releases.models import CutItem, Release, Signature
from studio.releases.snapshot import audio_of, cut_items, last_frame
from studio.releases.standing import HANDS, signatures


@dataclass
class CutRow:
    """One item of the cut as it plays. start: its first frame's index in the film; newer: the head that is newer than
    what plays (approved: `ready`), None where there is none; audio: see `snapshot.audio_of`."""

    item: CutItem
    shot: Shot
    version: Version
    first: int
    last: int
    start: int
    newer: Version | None
    ready: bool
    audio: dict[str, Any] | None

    @property
    def frames(self) -> int:
        return self.last - self.first + 1

    @property
    def trimmed(self) -> bool:
        return self.frames != self.version.frame_count


def cut_rows(episode: Episode) -> list[CutRow]:
    """The cut in its order."""
    items = [item for item in cut_items(episode) if item.version is not None]
    heads = heads_of([item.shot_id for item in items])
    rows, start = [], 0
    for item in items:
        version, head = item.version, heads.get(item.shot_id)
        assert version is not None
        newer = head if head is not None and head.number > version.number else None
        row = CutRow(
            item=item,
            shot=item.shot,
            version=version,
            first=item.frame_in,
            last=last_frame(item),
            start=start,
            newer=newer,
            ready=newer is not None and newer.state == Version.State.APPROVED,
            audio=audio_of(version),
        )
        rows.append(row)
        start += row.frames
    return rows


@dataclass
class Candidate:
    """A shot that is not in the cut. head: its version before reviewers; ready: it is approved."""

    shot: Shot
    head: Version | None
    ready: bool


def candidates(episode: Episode) -> list[Candidate]:
    """The episode's shots outside its cut, in the board's order; omitted ones left out."""
    shots = Shot.objects.filter(scene__episode=episode).exclude(state=Shot.State.OMITTED)
    shots = shots.exclude(cut_items__cut__episode=episode).select_related("scene__episode", "production")
    rows = list(shots.order_by("order", "code"))
    heads = heads_of([shot.pk for shot in rows])
    found = []
    for shot in rows:
        head = heads.get(shot.pk)
        approved = head is not None and head.state == Version.State.APPROVED and shot.state != Shot.State.ON_HOLD
        found.append(Candidate(shot, head, approved))
    return found


def releases_of(episode: Episode) -> list[Release]:
    """Newest first."""
    return list(Release.objects.filter(episode=episode).select_related("episode__production").order_by("-number"))


def release_of(episode: Episode, number: int) -> Release:
    rows = Release.objects.select_related("episode__production", "master", "job", "created_by")
    return get_object_or_404(rows, episode=episode, number=number)


@dataclass
class Hand:
    """One of the three signatures a master needs, and whether it is there."""

    role: Role
    signature: Signature | None


def hands(release: Release) -> list[Hand]:
    there = signatures(release)
    return [Hand(role, there.get(role)) for role in HANDS]


def duty_of(release: Release) -> labels.Duty:
    """What the snapshot's layers oblige."""
    ids = [item["version_id"] for item in release.items]
    versions = {str(row.pk): row for row in Version.objects.filter(pk__in=ids).prefetch_related("version_layers")}
    return labels.duty(
        layer_facts(layer, item["shot"], versions[item["version_id"]], item["frame_out"] - item["frame_in"] + 1)
        for item in release.items
        if item["version_id"] in versions
        for layer in versions[item["version_id"]].version_layers.all()
    )


def last_verification(release: Release, kind: str) -> Job | None:
    return latest_for(release, kind)
