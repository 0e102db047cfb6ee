"""What the episode board shows: one card per shot, and the episode's sums."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from studio.comps.models import Version
from studio.comps.selectors import GUEST_STATES
from studio.footage.models import Take
from studio.generation.models import Draw
from studio.ledger.models import Entry
from studio.media.models import Artefact
from studio.pipeline.next_action import ShotFacts, Step, next_step, waits_for
from studio.productions import policy
from studio.productions.models import Episode, Layer, LayerKind, Origin, Production, Role, Scene, Shot
from studio.productions.selectors import shots_for
from studio.reviews.models import Decision, Note

UNSEEN = (LayerKind.SOUND, LayerKind.SUBTITLE)  # layers that are no picture
CLOSE = (Shot.Framing.CLOSE_UP, Shot.Framing.EXTREME_CLOSE_UP)
DONE = ("approved", "in_cut", "released")


@dataclass
class Card:
    """One shot as the board shows it. spent_minor: its draws and renders; None where nothing has cost anything yet."""

    shot: Shot
    layers: list[Layer]
    head: Version | None = None
    poster: Artefact | None = None
    notes: int = 0
    must_notes: int = 0
    spent_minor: int | None = None
    facts: ShotFacts = field(default_factory=lambda: ShotFacts("planned"))
    step: Step = field(default_factory=lambda: Step("comp"))
    mine: bool = False
    words: str = ""  # its title, else (for the team) what the script says of it

    @property
    def origins(self) -> list[tuple[str, bool, str]]:
        """(origin, filled, layer name) of each picture layer, back to front."""
        return [(layer_origin(layer), layer.element_id is not None, layer.said) for layer in self.layers]

    @property
    def over_budget(self) -> bool:
        return self.shot.budget_minor is not None and (self.spent_minor or 0) > self.shot.budget_minor

    @property
    def close(self) -> bool:
        return self.shot.framing in CLOSE


def layer_origin(layer: Layer) -> str:
    """Where the layer's picture comes from: what fills it, else what its route says."""
    return layer.element.origin if layer.element else layer.route


FILTERS = {
    "all": lambda card: True,
    "mine": lambda card: card.mine,
    "close": lambda card: card.close,
    "review": lambda card: card.shot.state == "in_review",
    "over": lambda card: card.over_budget,
}


def filter_labels() -> dict[str, str]:
    return {
        "all": _("All"),
        "mine": _("Waits for me"),
        "close": _("Close-ups"),
        "review": _("In review"),
        "over": _("Over budget"),
    }


def cards_of(user: Any, shots: QuerySet[Shot]) -> list[Card]:
    """A card for each of `shots` (already scoped to the person), in their order, in a fixed number of queries."""
    rows = list(shots.prefetch_related("layers__element__poster"))
    if not rows:
        return []
    ids = [row.pk for row in rows]
    member = policy.membership(user, rows[0].production)
    guest = member is None or member.role == Role.GUEST
    heads: dict[Any, Version] = {}
    versions = (
        Version.objects.filter(shot__in=ids, draft=False).exclude(state=Version.State.FAILED).select_related("poster")
    )
    if guest:
        versions = versions.filter(state__in=GUEST_STATES)
    for version in versions.order_by("shot", "-number"):
        heads.setdefault(version.shot_id, version)
    shown = _last_pictures(ids, GUEST_STATES if guest else Version.State.values)
    notes = Note.objects.filter(shot__in=ids, parent=None, state__in=("open", "reopened"))
    if guest:
        notes = notes.filter(internal=False, version__state__in=GUEST_STATES)
    open_notes = {
        row["shot"]: row
        for row in notes.values("shot").order_by().annotate(all=Count("pk"), must=Count("pk", filter=Q(must=True)))
    }
    takes = dict.fromkeys(
        Take.objects.filter(shot__in=ids, state="ready", circled=False).values_list("shot", flat=True)
    )
    draws = set(Draw.objects.filter(layer__shot__in=ids, state__in=("done", "starred")).values_list("layer", flat=True))
    takes_seen = {} if guest else _take_posters(ids)
    decided = set(Decision.objects.filter(shot__in=ids, actor_id=user.pk, layer=None).values_list("version", flat=True))
    spent = {} if guest else costs(ids)
    cards = []
    for shot in rows:
        layers = [layer for layer in shot.layers.all() if layer.kind not in UNSEEN]
        head = heads.get(shot.pk)
        facts = _facts(shot, layers, head, shot.pk in takes, draws, user, decided)
        counts = open_notes.get(shot.pk)
        poster = shown.get(shot.pk) or (None if guest else _first_poster(layers)) or takes_seen.get(shot.pk)
        card = Card(
            shot,
            layers,
            head,
            poster,
            counts["all"] if counts else 0,
            counts["must"] if counts else 0,
            spent.get(shot.pk),
            facts,
            next_step(facts),
            words=shot.title or ("" if guest else shot.description),
        )
        card.mine = waits_for(facts, partial(_may, user, member, head or shot))
        cards.append(card)
    return cards


def _may(user: Any, member: Any, subject: Any, action: policy.Action) -> bool:
    return policy.may(user, action, subject, member=member)


def _facts(
    shot: Shot, layers: list[Layer], head: Version | None, takes: bool, draws: set[Any], user: Any, decided: set[Any]
) -> ShotFacts:
    empty = [layer for layer in layers if layer.element_id is None]
    made = (Origin.GENERATED, Origin.PROCEDURAL)
    return ShotFacts(
        state=shot.state,
        layers=tuple(str(layer.pk) for layer in layers),
        unrouted=tuple(str(layer.pk) for layer in empty if not layer.route),
        empty_captured=tuple(str(layer.pk) for layer in empty if layer.route == Origin.CAPTURED),
        empty_made=tuple(str(layer.pk) for layer in empty if layer.route in made),
        empty_library=tuple(str(layer.pk) for layer in empty if layer.route == Origin.LIBRARY),
        takes_to_circle=takes,
        draws_to_pick=any(layer.pk in draws for layer in empty),
        head_state=head.state if head else "",
        head_is_mine=head is not None and head.created_by_id == user.pk,
        decided_by_me=head is not None and head.pk in decided,
    )


def _last_pictures(ids: list[Any], states: Collection[str]) -> dict[Any, Artefact]:
    """The poster of each shot's newest version in `states` that has one: one in the making shows its predecessor."""
    posters: dict[Any, Artefact] = {}
    rows = Version.objects.filter(shot__in=ids, poster__isnull=False, state__in=states)
    for version in rows.select_related("poster").order_by("shot", "-number"):
        if version.poster is not None:
            posters.setdefault(version.shot_id, version.poster)
    return posters


def _first_poster(layers: list[Layer]) -> Artefact | None:
    """The actor's picture, else the frontmost there is."""
    filled = [layer for layer in layers if layer.element and layer.element.poster]
    filled.sort(key=lambda layer: (layer.kind != LayerKind.ACTOR, -layer.order))
    return filled[0].element.poster if filled and filled[0].element else None


def _take_posters(ids: list[Any]) -> dict[Any, Artefact]:
    posters: dict[Any, Artefact] = {}
    for take in (
        Take.objects.filter(shot__in=ids, poster__isnull=False).select_related("poster").order_by("-circled", "-number")
    ):
        if take.poster is not None:
            posters.setdefault(take.shot_id, take.poster)
    return posters


def costs(ids: list[Any]) -> dict[Any, int]:
    """What each shot's draws and versions have cost so far, in minor units; shots without a figure are left out."""
    sums: dict[Any, int] = defaultdict(int)
    for name, rows in (
        ("layer__shot", Draw.objects.filter(layer__shot__in=ids)),
        ("shot", Version.objects.filter(shot__in=ids)),
    ):
        found = rows.filter(cost_minor__isnull=False).order_by().values(name).annotate(sum=Sum("cost_minor"))  # type: ignore[attr-defined]
        for row in found:
            sums[row[name]] += row["sum"]
    return dict(sums)


@dataclass
class Board:
    """The cards that pass filter and search, in runs of one scene, with the count behind each filter."""

    cards: list[Card]
    shown: list[Card]
    counts: dict[str, int]
    chosen: str
    query: str

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Cut order, grouped where neighbours share a scene: a scene cut into twice stands there twice."""
        answer = []
        for scene, group in groupby(self.shown, key=lambda card: card.shot.scene):
            cards = list(group)
            frames = sum(card.shot.duration_frames for card in cards if card.shot.state != "omitted")
            answer.append({"scene": scene, "cards": cards, "frames": frames})
        return answer


def board_of(user: Any, episode: Episode, *, chosen: str = "all", query: str = "") -> Board:
    """The episode's board for this person.

    Unknown filters mean all; `query` looks in code, title, description, dialogue.
    """
    shots = shots_for(user, episode.production).filter(scene__episode=episode)
    cards = cards_of(user, shots)
    team = policy.may(user, policy.Action.SEE_INTERNAL, episode)
    chosen = chosen if chosen in FILTERS else "all"
    needle = query.strip().lower()
    shown = [card for card in cards if FILTERS[chosen](card) and (not needle or needle in _words(card.shot, team))]
    counts = {name: sum(1 for card in cards if holds(card)) for name, holds in FILTERS.items()}
    return Board(cards, shown, counts, chosen, query.strip())


def _words(shot: Shot, team: bool) -> str:
    """What a search looks at: the words of the script are the team's."""
    return f"{shot.code} {shot.title} {shot.description if team else ''} {shot.dialogue if team else ''}".lower()


def empty_scenes(episode: Episode) -> list[Scene]:
    """Scenes without a shot: they wait for their first one."""
    return list(episode.scenes.filter(shots=None))


def spent(production: Production) -> int:
    """What the books say the production's work has cost, in minor units."""
    total = Entry.objects.filter(production_id=production.pk).aggregate(sum=Sum("cost_minor"))["sum"]
    return int(total or 0)
