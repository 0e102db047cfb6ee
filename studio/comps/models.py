"""Comp versions: a recipe and exact bytes."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.core.rewording import reworded
from studio.core.shotcodes import version_name
from studio.jobs.models import Job
from studio.media.models import Artefact
from studio.productions.models import Element, Layer, LayerKind, Location, Origin, Production, Row, Shot, layer_name


class Version(Row):
    class State(models.TextChoices):
        BUILDING = "building", _("building")
        READY = "ready", _("ready")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        CHANGES = "changes", _("changes")
        SUPERSEDED = "superseded", _("superseded")
        FAILED = "failed", _("failed")

    shot = models.ForeignKey(Shot, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    comment = models.CharField(max_length=300, blank=True)
    recipe = models.JSONField()
    recipe_sha256 = models.CharField(max_length=64)
    # Rendered at half the size by the quick key, to judge timing and the edit: it never goes before reviewers.
    draft = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.BUILDING)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    error = models.TextField(blank=True)
    # The master is what is approved and conformed; the others are for looking.
    master = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    proxy = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    matte = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    foreground = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    filmstrip = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    tiles = models.PositiveIntegerField(default=0)
    frame_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    # What was measured while it rendered (see `compositing.qc`): {"edition", "summary", "worst", "spark", "sheet"}; the
    # figures of every frame stand apart, so that a list of versions does not read them.
    qc = models.JSONField(default=dict)
    qc_frames = models.JSONField(default=dict)
    # The frames to look at, as one picture: the team's, never a guest's.
    worst = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    seconds_milli = models.BigIntegerField(null=True)
    cost_minor = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    rendered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shot", "number"], name="version_number_once")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.shot.code} {self.name}"

    @property
    def name(self) -> str:
        return version_name(self.number)

    @property
    def code(self) -> str:
        """What the books call it: `EP01_SC01_SH010 v003`."""
        return f"{self.shot.code} {self.name}"

    @property
    def mode(self) -> str:
        """How it was rendered: draft, fast or best."""
        return "draft" if self.draft else str(self.recipe.get("mode", "fast"))

    @property
    def exported(self) -> list["Export"]:
        return [export for export in self.exports.all() if export.artefact_id]

    @property
    def exporting(self) -> bool:
        return any(export.live for export in self.exports.all())

    @property
    def unexported(self) -> list[tuple[str, Any]]:
        """The kinds that may be asked for now: (kind, label)."""
        there = {export.kind for export in self.exports.all() if export.artefact_id or export.live}
        return [(kind, label) for kind, label in Export.Kind.choices if kind not in there]


class VersionLayer(Row):
    """One layer as it went into a version. Same digest, same layer: it keeps its approval."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="version_layers")
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="version_layers")
    order = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=LayerKind)
    name = models.CharField(max_length=100)
    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="version_layers")
    origin = models.CharField(max_length=12, choices=Origin)
    ai_made = models.BooleanField(default=False)
    artefact_sha256 = models.CharField(max_length=64)
    layer_recipe_sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="sha256 of artefact and layer recipe.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "layer"], name="version_layer_once")]
        ordering = ["order"]

    @property
    def said(self) -> str:
        return layer_name(self.name, self.kind)


class Export(Row):
    """A version's keyed foreground for other programs. One a version and kind: asked for again, it is made again only
    where it failed."""

    class Kind(models.TextChoices):
        PRORES = "prores4444", _("ProRes 4444")
        PNG = "png", _("PNG pictures")
        EXR = "exr", _("EXR pictures")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=12, choices=Kind)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    error = models.TextField(blank=True)
    artefact = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=120)
    seconds_milli = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "kind"], name="export_once")]
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.filename

    @property
    def live(self) -> bool:
        return not self.artefact_id and self.job is not None and self.job.live

    @property
    def said(self) -> str:
        """`error` in the reader's language."""
        return self.job.sentence if self.job is not None and self.job.error == self.error else reworded(self.error)


class CompSettings(Row):
    """The parameter page's current values for a shot (a draft recipe), with its undo history."""

    shot = models.OneToOneField(Shot, on_delete=models.CASCADE, related_name="comp_settings")
    # {layer id: {parameter: value}} and {"match": {...}}; absent: automatic.
    values = models.JSONField(default=dict)
    history = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)


class Preset(Row):
    """Settings that a team keeps under a name, for a location or for the whole production.

    values: by a layer's part in a shot, not by its id (see `comps.portable`). A deleted one stays, so that deleting can
    be undone; before: what the last change replaced, so that it can be. A location that is removed leaves its presets
    to the production, whatever they are called: names are held apart where they are given (`comps.presets`).
    """

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="comp_presets")
    location = models.ForeignKey(Location, null=True, on_delete=models.SET_NULL, related_name="comp_presets")
    name = models.CharField(max_length=80)
    groups = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
