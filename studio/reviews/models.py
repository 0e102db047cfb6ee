"""Notes on frames and layers, and decisions bound to bytes."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.comps.models import Version
from studio.productions.models import Layer, Role, Row, Shot


class Note(Row):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        ADDRESSED = "addressed", _("addressed")
        VERIFIED = "verified", _("verified")
        REOPENED = "reopened", _("reopened")
        DECLINED = "declined", _("declined")

    shot = models.ForeignKey(Shot, on_delete=models.CASCADE, related_name="notes")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="notes")
    # Null: on the composite.
    layer = models.ForeignKey(Layer, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes")
    # Indexes from 0, inclusive; null: the whole shot. Shown with the production's start frame added.
    frame_in = models.PositiveIntegerField(null=True)
    frame_out = models.PositiveIntegerField(null=True)
    text = models.TextField()
    must = models.BooleanField(default=False)
    internal = models.BooleanField(default=True)
    # A compliance matter (label, filing): compliance verifies it.
    label_note = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    addressed_in = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+")
    addressed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decline_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["shot", "state"], name="note_shot_state")]


class Annotation(Row):
    """Strokes on one frame, in 0..1000 thousandths of width and height."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="annotations")
    frame = models.PositiveIntegerField()
    strokes = models.JSONField()
    removed_at = models.DateTimeField(null=True)


class Decision(Row):
    """Insert-only (a trigger refuses the rest): who decided what on which exact bytes."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("approved")
        CHANGES = "changes", _("changes asked")
        VETO = "veto", _("vetoed")

    shot = models.ForeignKey(Shot, on_delete=models.PROTECT, related_name="decisions")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="decisions")
    layer = models.ForeignKey(Layer, null=True, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=8, choices=Verdict)
    media_sha256 = models.CharField(max_length=64)
    recipe_sha256 = models.CharField(max_length=64)
    # {layer id: digest}; on a layer decision only that layer's.
    layer_digests = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    payload_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["created_at"]
