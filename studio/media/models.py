"""Files by content, and the uploads that bring them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Artefact(models.Model):
    """A file in the store, named by its sha256 (`ab/cd/<sha256>`)."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=80)
    suffix = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class ArtefactUse(models.Model):
    """An artefact belongs to a production: what its members may fetch. `internal` uses are not for guests."""

    production_id = models.UUIDField()
    artefact = models.ForeignKey(Artefact, on_delete=models.PROTECT, related_name="uses")
    internal = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["production_id", "artefact"], name="artefact_use_once")]

    def __str__(self) -> str:
        return f"{self.artefact_id[:12]} in {self.production_id}"


class Upload(models.Model):
    """One tus upload: made with a permit, filled by the ingest process, adopted by a job."""

    class State(models.TextChoices):
        CREATED = "created", _("created")
        RECEIVING = "receiving", _("receiving")
        PAUSED = "paused", _("paused")
        RECEIVED = "received", _("received")
        VERIFYING = "verifying", _("verifying")
        STORED = "stored", _("stored")
        CORRUPT = "corrupt", _("corrupt")
        EXPIRED = "expired", _("expired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    production_id = models.UUIDField(db_index=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, help_text="As declared by the sender; checked on arrival.")
    # What the bytes are for, decided when the permit was signed: {"kind": "take"|"plate", "shot": id, "layer": id, ...}
    purpose = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    artefact = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="uploads")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.filename
