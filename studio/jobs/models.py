"""Work as rows: the outbox, the lease and the record of what happened."""

import uuid
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from studio.core.engine_sentences import sentence
from studio.core.rewording import pieces, reworded
from studio.jobs.labels import label


class Job(models.Model):
    """One piece of work. `attempt` is the fencing token: every write of a worker is filtered by it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        LEASED = "leased", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    queue = models.CharField(max_length=20, default="cpu")
    production_id = models.UUIDField(null=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=200, blank=True)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    # At most one live job for a key: queued work is not queued twice.
    key = models.CharField(max_length=160, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    # Attempts that count against max_attempts: a broken database or a worker that was asked to stop does not.
    failures = models.PositiveIntegerField(default=0)
    # Set inside the transaction that records the work: a job whose worker died after it is done, not run again.
    recorded_at = models.DateTimeField(null=True)
    # Somebody asked for the same work while it ran: run once more afterwards.
    again = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_stage = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=["queued", "leased"]) & ~Q(key=""), name="job_one_live_per_key"
            )
        ]
        indexes = [
            models.Index(fields=["state", "queue", "created_at"], name="job_claim"),
            models.Index(fields=["production_id", "-created_at"], name="job_production"),
            models.Index(fields=["subject_type", "subject_id"], name="job_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.LEASED)

    @property
    def what(self) -> str:
        """What it does, in the reader's language."""
        return label(self.kind)

    @property
    def about(self) -> str:
        """`title` in the reader's language."""
        return pieces(reworded(self.title))

    @property
    def sentence(self) -> str:
        """`error` in the reader's language: the engine's by code and parameters, the studio's own by its words."""
        wire = self.result.get("error") if isinstance(self.result, dict) else None
        if isinstance(wire, dict) and wire.get("message") == self.error:
            return sentence(str(wire.get("code", "")), wire.get("params") or {}, self.error)
        return reworded(self.error)

    @property
    def share_permille(self) -> int:
        """How far it is, 0..1000."""
        if self.state == self.State.DONE:
            return 1000
        return min(1000, self.progress_done * 1000 // self.progress_total) if self.progress_total else 0

    @property
    def seconds_left(self) -> int | None:
        """What this attempt's pace promises; None before there is a pace."""
        if self.state != self.State.LEASED or not self.started_at or not 0 < self.progress_done <= self.progress_total:
            return None
        spent_s = (datetime.now(UTC) - self.started_at).total_seconds()
        return max(0, round(spent_s * (self.progress_total - self.progress_done) / self.progress_done))

    @property
    def time_left(self) -> str:
        """`seconds_left` as people read it: 0:42, 12:05, 1:03:20; empty without a pace."""
        left = self.seconds_left
        if left is None:
            return ""
        minutes, seconds = divmod(left, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
