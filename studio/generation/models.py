"""Draws: generated layers with a recipe, a price and a fate."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.core.errors import Conflict
from studio.core.shotcodes import version_name
from studio.jobs.models import Job
from studio.media.models import Artefact
from studio.productions.models import Element, Layer, Location, Origin, Production, Row, Shot


class RegisteredModel(Row):
    """A learned model that may be drawn with: what its folder holds, and what its licence allows.

    The table holds the manifest, not the folder: whoever can write to the folder can't approve what is in it.
    """

    class State(models.TextChoices):
        UNVERIFIED = "unverified", _("unverified")
        VERIFIED = "verified", _("verified")
        CHANGED = "changed", _("changed")

    class Commercial(models.TextChoices):
        YES = "yes", _("allowed")
        NO = "no", _("forbidden")
        UNCLEAR = "unclear", _("contested or not said")

    name = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    # pipeline, controlnet, lora, encoder (a folder below the models folder), workflow (runs on a remote server)
    kind = models.CharField(max_length=12, blank=True)
    family = models.CharField(max_length=20, blank=True)
    class_name = models.CharField(max_length=80, blank=True)
    dtype = models.CharField(max_length=10, blank=True)
    manifest = models.JSONField(default=dict)  # path -> sha256
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    workflow = models.JSONField(default=dict, blank=True)  # {"graph", "bind": {setting: [node, input]}}
    state = models.CharField(max_length=10, choices=State, default=State.UNVERIFIED)
    checked_at = models.DateTimeField(null=True)
    finding = models.TextField(blank=True)
    finding_wire = models.JSONField(default=dict, blank=True)
    licence = models.CharField(max_length=120)
    licence_url = models.CharField(max_length=300, blank=True)
    commercial = models.CharField(max_length=8, choices=Commercial, default=Commercial.UNCLEAR)
    # ISO 3166 codes, EU for its members. Allowed empty: everywhere but where forbidden.
    territories_allowed = models.JSONField(default=list, blank=True)
    territories_forbidden = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=300)
    random_weights = models.BooleanField(default=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


class Style(Row):
    """A production's own words for everything that models draw for it; in any language."""

    production = models.OneToOneField(Production, on_delete=models.CASCADE, related_name="style")
    look = models.CharField(max_length=1_000, blank=True)
    camera = models.CharField(max_length=1_000, blank=True)
    avoid = models.CharField(max_length=1_000, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.production}: {self.look}"


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
    # A draw made to see whether another one can be made again, and what came of it.
    replay_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replays")
    # Draws asked for together; a draft this one is the full-size final of; a draw this one is more like, and what it
    # varies (seed, settings, picture).
    batch = models.UUIDField(null=True, db_index=True)
    final_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="finals")
    like = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    varies = models.CharField(max_length=10, blank=True)
    element = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="draws")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]


class PlateLook(Row):
    """What a background's picture looks like in few numbers, see `compositing.continuity`."""

    artefact = models.OneToOneField(Artefact, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    look = models.JSONField()


class PictureSense(Row):
    """What a picture shows, as the model of that manifest sees it (`modelhost.seeing`). Another model, or other files
    of the same, read the picture anew."""

    artefact = models.ForeignKey(Artefact, on_delete=models.CASCADE, related_name="+")
    manifest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    vector = models.JSONField()  # whole numbers, a direction

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artefact", "manifest"], name="picture_sense_once")]


class LocationVersion(Row):
    """What a location is pinned to: how its pictures are drawn. Written once; whatever differs is a new version."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    comment = models.CharField(max_length=300, blank=True)
    # [{"artefact", "poster" (or ""), "name"}]: reference plates, the first one first.
    plates = models.JSONField(default=list)
    words = models.CharField(max_length=1_000, blank=True)  # in every prompt of the place
    avoid = models.CharField(max_length=1_000, blank=True)
    seed_family = models.BigIntegerField()  # the first seed of it, see `seeds`
    # [{"light": day|golden|night|storm, "weather": clear|rain|mist, "words"}]: a scene takes the one its heading means.
    lights = models.JSONField(default=list)
    palette = models.CharField(max_length=20, blank=True)  # as plates drawn by rule know it
    colours = models.JSONField(default=list)  # ["#rrggbb"]
    lens_mm = models.PositiveIntegerField(null=True)
    family = models.CharField(max_length=40, blank=True)  # of the plates by rule that show it
    family_settings = models.JSONField(default=dict)  # that family's, where they are to stay
    sha256 = models.CharField(max_length=64)  # of all of the above but number and comment
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "number"], name="location_version_once")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.location} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Conflict(_("A pinned version never changes: keep a new one."))
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return version_name(self.number)


class ShotPin(Row):
    """The version of its location that a shot is drawn by."""

    shot = models.OneToOneField(Shot, on_delete=models.CASCADE, related_name="pin")
    version = models.ForeignKey(LocationVersion, on_delete=models.CASCADE, related_name="pins")


class PinMove(Row):
    """One shot's step from a version of its location to another; those of one upgrade share a batch."""

    batch = models.UUIDField(db_index=True)
    shot = models.ForeignKey(Shot, on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(LocationVersion, null=True, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(LocationVersion, on_delete=models.CASCADE, related_name="moves")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_back_at = models.DateTimeField(null=True)


class LibraryItem(Row):
    """Something made once that other shots may use: its own production's, and every other one's where it is shared."""

    class Kind(models.TextChoices):
        LOCATION = "location", _("location")
        CROWD = "crowd", _("crowd")
        EFFECT = "effect", _("effect")
        PROP = "prop", _("prop")
        STYLE = "style", _("style")

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="library")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    words = models.CharField(max_length=300, blank=True)  # what it is found by
    element = models.ForeignKey(Element, null=True, on_delete=models.PROTECT, related_name="library_items")
    version = models.ForeignKey(LocationVersion, null=True, on_delete=models.SET_NULL, related_name="library_items")
    style = models.JSONField(default=dict)  # {"look", "camera", "avoid"}
    licence = models.CharField(max_length=80)
    source = models.CharField(max_length=300, blank=True)
    terms = models.CharField(max_length=300, blank=True)  # how it may be used, in people's words
    shared = models.BooleanField(default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class LibraryUse(Row):
    """A library item put to use: in a layer, as a production's style, or as a location's version."""

    item = models.ForeignKey(LibraryItem, on_delete=models.PROTECT, related_name="uses")
    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="+")
    layer = models.ForeignKey(Layer, null=True, on_delete=models.SET_NULL, related_name="library_uses")
    element = models.ForeignKey(Element, null=True, on_delete=models.PROTECT, related_name="library_uses")
    before = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="+")
    style_before = models.JSONField(default=dict)
    # {"amount_minor" or null, "lines": [{"key", "quantity_milli", "amount_minor"}], "missing": [rate keys]}
    saving = models.JSONField(default=dict)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]


class PictureLight(Row):
    """The light in a picture, measured once: of a background, or of the actor in a take (see `compositing.light`)."""

    class Whose(models.TextChoices):
        SCENE = "scene", _("background")
        ACTOR = "actor", _("actor")

    artefact = models.ForeignKey(Artefact, on_delete=models.CASCADE, related_name="+")
    whose = models.CharField(max_length=5, choices=Whose)
    version = models.PositiveIntegerField()
    light = models.JSONField(default=dict)  # {}: no face is seen

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artefact", "whose"], name="picture_light_once")]
