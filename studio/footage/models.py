"""Takes: what came from the shoot, measured and made viewable."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.media.models import Artefact, Upload
from studio.productions.models import Element, Layer, Row, Shot


class Take(Row):
    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        PROBED = "probed", _("probed")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")

    shot = models.ForeignKey(Shot, on_delete=models.CASCADE, related_name="takes")
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="takes")
    number = models.PositiveIntegerField()
    slate = models.CharField(max_length=60, blank=True)
    filename = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    error = models.TextField(blank=True)
    upload = models.ForeignKey(Upload, null=True, on_delete=models.SET_NULL, related_name="+")
    artefact = models.ForeignKey(Artefact, on_delete=models.PROTECT, related_name="takes")
    probe = models.JSONField(default=dict)
    screen = models.JSONField(default=dict)
    # Where the 9:16 window of a wider picture sits, 0 (left) .. 1000 (right).
    centre_milli = models.PositiveIntegerField(default=500)
    proxy = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    filmstrip = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    tiles = models.PositiveIntegerField(default=0)
    waveform = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    frame_count = models.PositiveIntegerField(default=0)
    circled = models.BooleanField(default=False)
    element = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="takes")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "number"], name="take_number_once")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.shot.code} T{self.number}"
