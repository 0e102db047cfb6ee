"""The cut, the gate, and what leaves the house."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.comps.models import Version
from studio.jobs.models import Job
from studio.media.models import Artefact
from studio.productions.models import Episode, Role, Row, Shot


class Cut(Row):
    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, related_name="cut")
    updated_at = models.DateTimeField(auto_now=True)


class CutItem(Row):
    """One shot in the cut: the version it plays, and its range (indexes from 0, inclusive). In the board's order."""

    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="items")
    shot = models.ForeignKey(Shot, on_delete=models.PROTECT, related_name="cut_items")
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="cut_items")
    frame_in = models.PositiveIntegerField(default=0)
    frame_out = models.PositiveIntegerField(null=True)  # null: the version's last frame

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cut", "shot"], name="cut_shot_once")]
        ordering = ["shot__order"]


class Release(Row):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CHECKING = "checking", _("checking")
        BLOCKED = "blocked", _("blocked")
        READY = "ready", _("ready to sign")
        SIGNED = "signed", _("signed")
        SEALED = "sealed", _("sealed")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # The cut as it stood when it was last checked (see `snapshot.item_of`), and its digest.
    items = models.JSONField(default=list)
    cut_digest = models.CharField(max_length=64, blank=True)
    # Whatever else decides the master's bytes: format, title, filing number, producer code, label.
    inputs = models.JSONField(default=dict)
    # A label nobody owes but compliance wants.
    label_added = models.BooleanField(default=False)
    # Result of the last gate: [{"code", "state": "pass"|"block"|"waived", "why", "params", "shots", "target"}]
    checks = models.JSONField(default=list)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    master = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    # What was measured on the decoded master and read back from its manifest.
    measured = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    sealed_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "number"], name="release_number_once")]
        ordering = ["-number"]


class Signature(Row):
    """One of the three hands a release needs, on exact bytes."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="signatures")
    role = models.CharField(max_length=20, choices=Role)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    master_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "role", "master_sha256"], name="release_signed_once")]


class Waiver(Row):
    """What somebody let pass, and exactly that: another shot, another figure, and the check blocks again."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="waivers")
    check_code = models.CharField(max_length=40)
    fingerprint = models.CharField(
        max_length=64, default="", help_text="Of the check as it was seen: code, why, figures, shots."
    )
    reason = models.CharField(max_length=300)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
