"""Productions, who works on them, and what they are made of: episodes, scenes, shots, layers, elements."""

import uuid
from fractions import Fraction
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from studio.media.models import Artefact


class Role(models.TextChoices):
    PRODUCER = "producer", _("producer")
    DIRECTOR = "director", _("director")
    VFX_SUPERVISOR = "vfx_supervisor", _("VFX supervisor")
    COMPOSITOR = "compositor", _("compositor")
    AI_ARTIST = "ai_artist", _("AI artist")
    EDITOR = "editor", _("editor")
    COMPLIANCE = "compliance", _("compliance officer")
    GUEST = "guest", _("outside reviewer")


class Origin(models.TextChoices):
    CAPTURED = "captured", _("captured")
    GENERATED = "generated", _("AI-generated")
    PROCEDURAL = "procedural", _("procedural")
    LIBRARY = "library", _("library")


class LayerKind(models.TextChoices):
    BACKGROUND = "background", _("background")
    CROWD = "crowd", _("crowd")
    ACTOR = "actor", _("actor")
    EFFECT = "effect", _("effect")
    FOREGROUND = "foreground", _("foreground")
    SOUND = "sound", _("sound")
    SUBTITLE = "subtitle", _("subtitle")


@lru_cache
def unnamed(kind: str) -> frozenset[str]:
    """What a layer of that kind is called while nobody has named it, in every language."""
    words = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words.add(str(LayerKind(kind).label).casefold())
    return frozenset(words)


def layer_name(name: str, kind: str) -> str:
    """A layer's name; one that only repeats the kind is said in the reader's language."""
    return capfirst(str(LayerKind(kind).label)) if name.casefold() in unnamed(kind) else name


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Production(Row):
    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    logline = models.TextField(blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    budget_minor = models.BigIntegerField(null=True, blank=True)
    # What an AI artist may spend on draws without asking; None: nothing.
    draw_cap_minor = models.BigIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(default=1080)
    height = models.PositiveIntegerField(default=1920)
    fps_num = models.PositiveIntegerField(default=24)
    fps_den = models.PositiveIntegerField(default=1)
    start_frame = models.IntegerField(default=1001)
    filing_number = models.CharField(max_length=80, blank=True)
    # How and where the film is to be shown: what the licences of learned models are held against.
    commercial = models.BooleanField(default=True)
    territories = models.JSONField(default=list, blank=True)  # ISO 3166 codes; empty: not said yet
    content_producer = models.CharField(
        max_length=27, blank=True, help_text="27-character producer code of the AIGC label."
    )

    def __str__(self) -> str:
        return self.title

    @property
    def fps(self) -> Fraction:
        return Fraction(self.fps_num, self.fps_den)


class Membership(Row):
    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    # What a guest's invitation allows.
    guest_may_note = models.BooleanField(default=False)
    guest_may_decide = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["production", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Invitation(Row):
    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role)
    guest_may_note = models.BooleanField(default=False)
    guest_may_decide = models.BooleanField(default=False)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class Rate(Row):
    """One line of the rate card. No line: no forecast, no saving, and the page says which is missing."""

    class Key(models.TextChoices):
        CAPTURED_DAY = "captured_day", _("captured day")
        LOCATION_DAY = "location_day", _("location day")
        TRAVEL = "travel", _("travel")
        VFX_DAY = "vfx_day", _("VFX day")
        PERSON_DAY = "person_day", _("person-day")
        GPU_HOUR = "gpu_hour", _("GPU-hour")
        CPU_HOUR = "cpu_hour", _("CPU-hour")
        DRAW = "draw", _("price per draw")

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="rates")
    key = models.CharField(max_length=20, choices=Key)
    model = models.CharField(max_length=120, blank=True, help_text="For draws: the model it prices.")
    amount_minor = models.BigIntegerField()
    source = models.CharField(max_length=200)
    valid_from = models.DateField()

    class Meta:
        ordering = ["key", "model", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.key} {self.model}".strip()


class Location(Row):
    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Likeness(Row):
    """A real person on screen, and the consent that covers it."""

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="likenesses")
    name = models.CharField(max_length=200)
    character = models.CharField(max_length=200, blank=True)
    consent_reference = models.CharField(
        max_length=200, blank=True, help_text="Contract or form; empty: no consent on file."
    )
    consent_until = models.DateField(null=True, blank=True)
    ai_alteration_allowed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Episode(Row):
    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="episodes")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["production", "number"], name="episode_number_once")]
        ordering = ["number"]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"EP{self.number:02d}"


class Scene(Row):
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="scenes")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="scenes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "number"], name="scene_number_once")]
        ordering = ["number"]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"SC{self.number:02d}"


class Shot(Row):
    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ROUTED = "routed", _("Routed")
        IN_WORK = "in_work", _("In work")
        IN_REVIEW = "in_review", _("In review")
        CHANGES = "changes", _("Changes")
        APPROVED = "approved", _("Approved")
        IN_CUT = "in_cut", _("In cut")
        RELEASED = "released", _("Released")
        ON_HOLD = "on_hold", _("On hold")
        OMITTED = "omitted", _("Omitted")

    class Framing(models.TextChoices):
        EXTREME_CLOSE_UP = "extreme_close_up", _("extreme close-up")
        CLOSE_UP = "close_up", _("close-up")
        MEDIUM = "medium", _("medium")
        FULL = "full", _("full figure")
        WIDE = "wide", _("wide")
        INSERT = "insert", _("insert")
        EMPTY = "empty", _("empty shot")

    class Performance(models.TextChoices):
        NONE = "none", _("no actor")
        PRESENCE = "presence", _("presence only")
        ACTION = "action", _("action")
        DIALOGUE = "dialogue", _("dialogue")
        EMOTION = "emotion", _("emotion")

    class Crowd(models.TextChoices):
        NONE = "none", _("nobody")
        FEW = "few", _("a few")
        MANY = "many", _("many")

    class Effect(models.TextChoices):
        NONE = "none", _("none")
        RAIN = "rain", _("rain")
        SNOW = "snow", _("snow")
        FIRE = "fire", _("fire")
        MAGIC = "magic", _("magic")

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="shots")
    scene = models.ForeignKey(Scene, on_delete=models.CASCADE, related_name="shots")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    dialogue = models.TextField(blank=True)
    # Cut order inside the episode.
    order = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    state_before_hold = models.CharField(max_length=12, blank=True)
    duration_frames = models.PositiveIntegerField(default=96)
    # The facts that routing reads.
    framing = models.CharField(max_length=20, choices=Framing, default=Framing.MEDIUM)
    performance = models.CharField(max_length=12, choices=Performance, default=Performance.PRESENCE)
    crowd = models.CharField(max_length=6, choices=Crowd, default=Crowd.NONE)
    exterior = models.BooleanField(default=False)
    effect = models.CharField(max_length=8, choices=Effect, default=Effect.NONE)
    budget_minor = models.BigIntegerField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["production", "code"], name="shot_code_once")]
        ordering = ["order"]

    def __str__(self) -> str:
        return self.code

    @property
    def path_code(self) -> str:
        """`SC02_SH010`, as it stands in URLs below the episode."""
        return self.code.split("_", 1)[1]


class Element(Row):
    """What can fill a layer: a circled take, a picked draw, a library asset, an uploaded plate."""

    production = models.ForeignKey(Production, on_delete=models.CASCADE, related_name="elements")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=LayerKind)
    origin = models.CharField(max_length=12, choices=Origin)
    # True where a machine-learned model made the picture, whoever ran it.
    ai_made = models.BooleanField(default=False)
    artefact = models.ForeignKey(Artefact, on_delete=models.PROTECT, related_name="elements")
    proxy = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    poster = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="+")
    # {"width", "height", "frame_count" (1 for a still), "fps_num", "fps_den", "has_alpha", "centre_milli", "light",
    # ...}
    media = models.JSONField(default=dict)
    licence = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=300, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.name


class Layer(Row):
    shot = models.ForeignKey(Shot, on_delete=models.CASCADE, related_name="layers")
    kind = models.CharField(max_length=12, choices=LayerKind)
    name = models.CharField(max_length=100)
    order = models.PositiveIntegerField()  # 0 is furthest back
    route = models.CharField(max_length=12, choices=Origin, blank=True)
    # [{"code", "params"}]: sentences are made where they are shown, in the reader's language.
    reasons = models.JSONField(default=list)
    # {"amount_minor" or null, "lines": [{"key", "quantity_milli", "amount_minor"}], "missing": [rate keys]}
    forecast = models.JSONField(default=dict)
    overridden_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    override_reason = models.CharField(max_length=300, blank=True)
    # An AI artist may propose a route; who may set it accepts or drops it.
    proposed_route = models.CharField(max_length=12, choices=Origin, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_reason = models.CharField(max_length=300, blank=True)
    element = models.ForeignKey(Element, null=True, on_delete=models.PROTECT, related_name="layers")
    likeness = models.ForeignKey(Likeness, null=True, blank=True, on_delete=models.SET_NULL, related_name="layers")

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name

    @property
    def said(self) -> str:
        return layer_name(self.name, self.kind)
