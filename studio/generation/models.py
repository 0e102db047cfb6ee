"""Draws: generated layers with a recipe, a price and a fate."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.jobs.models import Job
from studio.media.models import Artefact
from studio.productions.models import Element, Layer, Origin, Row


class Draw(Row):
    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        STARRED = "starred", _("starred")
        BINNED = "binned", _("binned")
        PROMOTED = "promoted", _("promoted")

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="draws")
    backend = models.CharField(max_length=40)
    origin = models.CharField(max_length=12, choices=Origin)
    recipe = models.JSONField()
    recipe_sha256 = models.CharField(max_length=64)
    seed = models.BigIntegerField(default=0)
    draft = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    bin_reason = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    artefact = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    proxy = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    depth = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    media = models.JSONField(default=dict)
    fingerprint = models.JSONField(default=dict)
    seconds_milli = models.BigIntegerField(null=True)
    estimate_minor = models.BigIntegerField(null=True)
    cost_minor = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    element = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="draws")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]
