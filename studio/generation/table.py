"""The draw table: a layer's draws as cards, what to ask for next, what it all came to. Reads only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.core.canonical import digest
from studio.core.errors import DomainError
from studio.generation import (
    alike,
    budget,
    estimates,
    fit,
    following,
    heeding,
    pinning,
    places,
    seeds,
    services,
    totals,
    varying,
)
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
from studio.generation.replays import BIT_EXACT, NOT_REPLAYABLE, OTHER_RUNTIME, same_runtime
from studio.generation.selectors import draws_for, draws_of
from studio.generation.states import DRAW
from studio.productions import policy
from studio.productions.models import Layer, LayerKind, Location, Origin, Production
from studio.productions.policy import Action

SHOWS = {"starred": ["starred"], "binned": ["binned"], "lost": ["failed", "cancelled"]}
HIDDEN = ["binned", "failed", "cancelled"]
LIVE = ("queued", "running")
REASONS = (
    gettext_noop("wrong light"),
    gettext_noop("too busy"),
    gettext_noop("does not match the location"),
    gettext_noop("perspective is off"),
    gettext_noop("not sharp enough"),
)
MOST_REASONS = 6
BACKEND_TITLES = {
    "procedural": gettext_noop("By rule"),
    "blender": gettext_noop("By rule, in Blender"),
    "diffusers": gettext_noop("By a model"),
    "remote": gettext_noop("On the drawing server"),
}
WAY_TITLES = {
    varying.SEED: gettext_noop("other seeds, the same settings"),
    varying.SETTINGS: gettext_noop("the same seed, settings moved a little"),
    varying.PICTURE: gettext_noop("drawn on from its picture"),
}
PICTURES_OFFERED = 24


def page(user: Any, layer: Layer, query: Mapping[str, str]) -> dict[str, Any]:
    """The whole page. query: show, sort, like and varies."""
    shot, production = layer.shot, layer.shot.production
    return sheet(user, layer, query.get("show", ""), query.get("sort", "")) | asking(user, layer, query) | {
        "production": production,
        "episode": shot.scene.episode,
        "shot": shot,
        "others": shot.layers.exclude(pk=layer.pk).order_by("-order"),
        "may_upload": policy.may(user, Action.UPLOAD, layer),
        "origins": Origin.choices,
        "last_frame": max(0, shot.duration_frames - 1),
        "tab": "worlds",
    }  # fmt: skip


# -- the contact sheet


def sheet(user: Any, layer: Layer, show: str = "", sort: str = "") -> dict[str, Any]:
    """Cards in the order they were asked for, newest request first, seeds upwards; and the totals. sort "fit": those
    whose light suits the shot's actor first, those that are not measured yet last."""
    found = draws_of(user, layer).filter(replay_of=None)
    chosen = found.filter(state__in=SHOWS[show]) if show in SHOWS else found.exclude(state__in=HIDDEN)
    rows = list(chosen.select_related("final_of", "like"))
    newest: dict[Any, Any] = {}
    for row in rows:
        key = row.batch or row.pk
        newest[key] = max(newest.get(key, row.created_at), row.created_at)
    rows.sort(key=lambda row: (newest[row.batch or row.pk], -row.created_at.timestamp()), reverse=True)
    fits = fit.read(layer, rows) if sort == "fit" else None
    if fits is not None:
        rows.sort(key=lambda row: (row.pk not in fits.rows, fits.rows[row.pk].weight if row.pk in fits.rows else 0))
    tally = Counter(found.values_list("state", flat=True))
    lost = tally["failed"] + tally["cancelled"]
    shot = layer.shot
    return {
        "production": shot.production,
        "episode": shot.scene.episode,
        "shot": shot,
        "layer": layer,
        "cards": [card | {"fit": fits and fits.rows.get(card["draw"].pk)} for card in Cards(layer, rows).all()],
        "show": show,
        "sort": "fit" if fits is not None else "",
        "fits": fits,
        "rankable": layer.kind == LayerKind.BACKGROUND,
        "counts": {
            "all": sum(tally.values()) - tally["binned"] - lost,
            "starred": tally["starred"], "binned": tally["binned"], "lost": lost,
        },
        "totals": totals_of(layer),
        "industry": {"then": totals.INDUSTRY_THEN_PERMILLE, "now": totals.INDUSTRY_NOW_PERMILLE},
        "reasons": reasons(shot.production),
        "may_ask": may_ask(user, layer),
        "may_pick": policy.may(user, Action.PICK_DRAW, layer),
    }  # fmt: skip


def may_ask(user: Any, layer: Layer | Location) -> frozenset[str]:
    """The backends whose draws this person may ask for."""
    role = policy.role_of(user, layer)
    return frozenset(name for name in BACKENDS if name != "upload" and role in policy.TABLE[budget.action_for(name)])


def totals_of(layer: Layer) -> list[tuple[str, str, totals.Totals]]:
    """(key, title, totals) of the layer, its shot and the production."""
    return [
        ("layer", layer.said, totals.of_layer(layer)),
        ("shot", layer.shot.path_code, totals.of_shot(layer.shot)),
        ("production", _("Whole production"), totals.of_production(layer.shot.production)),
    ]


class Cards:
    """The cards of some draws of one layer; what they share is read once."""

    def __init__(self, layer: Layer, rows: list[Draw]) -> None:
        self.layer, self.rows = layer, rows
        self.production = layer.shot.production
        self.known = estimates.Estimates(self.production)
        self.rates = services.rates_of(self.production)
        self.titles = {
            (backend.name, offer.name): offer.title
            for backend in BACKENDS.values()
            for offer in backend.offers(layer.kind)
        }
        self.finals: dict[Any, Draw] = {}
        for final in Draw.objects.filter(final_of__in=rows).exclude(state__in=HIDDEN).order_by("created_at"):
            self.finals[final.final_of_id] = final
        self.replays: dict[Any, Draw] = {}
        for again in Draw.objects.filter(replay_of__in=rows).select_related("job").order_by("created_at"):
            self.replays[again.replay_of_id] = again
        self._prices: dict[str, int | None] = {}

    def all(self) -> list[dict[str, Any]]:
        return [self.card(row) for row in self.rows]

    def card(self, draw: Draw) -> dict[str, Any]:
        """What a card shows of a draw."""
        final = self.finals.get(draw.pk)
        return {
            "draw": draw,
            "title": self.title(draw),
            "live": draw.state in LIVE,
            "film": int(draw.media.get("frame_count") or 1) > 1,
            "may": {to for to in ("starred", "binned", "promoted", "done") if DRAW.may(draw.state, to)},
            "final": final,
            "final_minor": self.final_price(draw) if draw.draft and draw.artefact_id and final is None else None,
            "badge": self.badge(draw),
            "like": _(WAY_TITLES.get(draw.varies, "")) if draw.like_id and draw.varies else "",
        }

    def title(self, draw: Draw) -> str:
        if draw.backend == "upload":
            return str(draw.recipe.get("filename", ""))
        name = str(draw.recipe.get("family", ""))
        return _(self.titles.get((draw.backend, name), name))

    def final_price(self, draw: Draw) -> int | None:
        """What its final would cost; None where that can't be said (no rate, the model is gone)."""
        key = digest([draw.backend, *(draw.recipe.get(name) for name in ("family", "params", "frames"))])
        if key not in self._prices:
            engine, form = BACKENDS[draw.backend], services.form_of(self.production, draft=False)
            form |= {"shot_frames": draw.recipe.get("frames", 0)}
            try:
                recipe = engine.check(engine.final(draw.recipe, draw.artefact_id or "") | form)
                self._prices[key] = self.known.of(engine, recipe).price(self.rates)
            except DomainError:
                self._prices[key] = None
        return self._prices[key]

    def badge(self, draw: Draw) -> str:
        """What its newest replay showed: replaying, bit_exact, same_recipe, not_replayable, or "" for untried."""
        again = self.replays.get(draw.pk)
        if again is None or again.state in ("failed", "cancelled"):
            return ""
        if again.state in LIVE:
            return "replaying"
        if again.artefact_id == draw.artefact_id:
            return BIT_EXACT
        return NOT_REPLAYABLE if same_runtime(draw, again) else OTHER_RUNTIME


def reasons(production: Production) -> list[str]:
    """Why draws went into the bin here, the most frequent first, then the usual reasons."""
    rows = Draw.objects.filter(layer__shot__production=production, state="binned").exclude(bin_reason="")
    used = [reason for reason, _count in Counter(rows.values_list("bin_reason", flat=True)).most_common(3)]
    return list(dict.fromkeys([*used, *(_(reason) for reason in REASONS)]))[:MOST_REASONS]


def progress(user: Any, layer: Layer) -> dict[str, Any]:
    """How far the layer's waiting and running draws are: `{draw: {state, done, total, stage, left, share}}`."""
    rows = draws_of(user, layer).filter(state__in=LIVE)
    return {str(row.pk): progress_of(row) for row in rows}


def progress_of(draw: Draw) -> dict[str, Any]:
    job = draw.job
    if job is None:
        return {"state": draw.state, "done": 0, "total": 0, "stage": "", "left": "", "share": 0}
    return {
        "state": draw.state, "done": job.progress_done, "total": job.progress_total, "stage": job.progress_stage,
        "left": job.time_left, "share": job.share_permille, "stopping": job.cancel_requested,
    }  # fmt: skip


# -- asking


def asking(user: Any, layer: Layer, query: Mapping[str, str]) -> dict[str, Any]:
    """What may be asked for, by backend, with the settings of the draw that `like` names."""
    like = liked(user, layer, query.get("like", ""))
    allowed = may_ask(user, layer)
    like = like if like is not None and like.backend in allowed else None
    ways = alike.ways_of(like) if like else []
    wanted = query.get("varies", "")
    varies = wanted if wanted in ways else next(iter(ways), "")
    # The form begins where the last request left off.
    first = like or draws_of(user, layer).exclude(backend="upload").filter(final_of=None, replay_of=None).first()
    asked = alike.asked_like(first, varies) if first and "params" in first.recipe else {}
    stand = places.standing(layer.shot)
    heard = heeding.heard(layer)
    begins: tuple[str, ...] = ()
    groups = _groups(layer, first, asked, None if like else stand, heard, like is None)
    for group in groups:
        if group["name"] not in allowed:
            group |= {"offers": [], "closed": True}
    offers = [row for group in groups for row in group["offers"]]
    if offers and not any(row["chosen"] for row in offers):
        suited = [row for group in groups if group["origin"] == layer.route for row in group["offers"]] or offers
        meant = [name for name in (stand.version.family if stand else "", heard.family) if name]
        named = [row for name in meant for row in suited if row["offer"].name == name]
        row = (named or suited)[0]
        row["chosen"] = True
        begins = () if stand or first or row["backend"].origin != Origin.PROCEDURAL else heard.titles
    family = services.seed_family(layer)
    wants_pictures = any(control.kind == "picture" for row in offers for control, _value in row["fields"])
    production = layer.shot.production
    return {
        "groups": groups,
        "offers": offers,
        "like": like if ways else None,
        "like_title": Cards(layer, [like]).title(like) if like else "",
        "ways": [(way, _(WAY_TITLES[way])) for way in ways],
        "varies": varies,
        "seed": like.seed if like and varies == varying.SETTINGS else services.next_seed(layer, 4),
        "standing": stand,
        "heard": begins,
        "family": {"first": family, "last": family + seeds.FAMILY - 1, "place": layer.shot.scene.location},
        "pictures": pictures(user, layer) if wants_pictures else {},
        "who_asks": budget.who_asks(production),
        "most": services.MOST_AT_ONCE,
        "prompt_help": _there("generation/_prompt.html"),
    }


def liked(user: Any, layer: Layer, name: str) -> Draw | None:
    try:
        return draws_of(user, layer).exclude(backend="upload").filter(pk=UUID(name)).first()
    except ValueError:
        return None


def _groups(
    layer: Layer,
    first: Draw | None,
    asked: Mapping[str, Any],
    stand: places.Standing | None,
    heard: heeding.Heard,
    moves_on: bool,
) -> list[dict[str, Any]]:
    """stand: the version of the location that the forms follow; heard: what those not drawn yet begin with; moves_on:
    what stood on the shot's last background stands on its new one."""
    found = []
    drawn_by = str((first.recipe.get("location") or {}).get("id", "")) if first else ""
    for backend in BACKENDS.values():
        if backend.name == "upload":
            continue
        rows = []
        for offer in backend.offers(layer.kind):
            chosen = first is not None and first.backend == backend.name and offer.name == asked.get("family")
            given = asked.get("params", {}) if chosen else heard.settings(offer.parameters)
            given = following.filled(layer, offer, stand.version if stand else None, given, drawn_by)
            if any(one.name == "ground" for one in offer.parameters):
                ground = _on_ground(layer, offer.parameters)
                stays = chosen and not (moves_on and _left(layer, given.get("ground"), ground))
                given = ground | dict(given) if stays else dict(given) | ground
            fields = [(one, given.get(one.name, one.default)) for one in offer.parameters]
            rows.append({"offer": offer, "backend": backend, "fields": fields, "chosen": chosen,
                         "id": f"{backend.name}-{offer.name}".replace("/", "-")})  # fmt: skip
        found.append({
            "name": backend.name, "title": _(BACKEND_TITLES.get(backend.name, backend.name)), "origin": backend.origin,
            "ai_made": backend.ai_made, "offers": rows,
        })  # fmt: skip
    # A drawing server that is not set is nothing to choose; a missing model is something to be told about.
    return [group for group in found if group["offers"] or group["name"] == "diffusers"]


def _on_ground(layer: Layer, parameters: Iterable[Any]) -> dict[str, Any]:
    """What stands on a ground begins with that of the shot's own background: its depth, its eye level, its light."""
    backgrounds = layer.shot.layers.filter(kind=LayerKind.BACKGROUND, element__isnull=False)
    drawn = Draw.objects.filter(element__layers__in=backgrounds, depth__isnull=False).order_by("created_at").last()
    if drawn is None:
        return {}
    own = drawn.recipe.get("params", {})
    wanted = {"ground": drawn.depth_id, "tone": own.get("light")}
    wanted |= {name: own.get(name) for name in ("period", "horizon", "camera_height")}
    if drawn.recipe.get("family") == "palace":
        wanted["period"] = "ancient"
    return {
        one.name: wanted[one.name]
        for one in parameters
        if wanted.get(one.name) is not None and (one.kind == "picture" or pinning.holds(one, wanted[one.name]))
    }


def _left(layer: Layer, stood_on: Any, ground: Mapping[str, Any]) -> bool:
    """Whether a depth was that of a background that this shot has replaced by `ground`'s."""
    if not stood_on or stood_on == ground.get("ground"):
        return False
    before = layer.shot.layers.filter(kind=LayerKind.BACKGROUND)
    return Draw.objects.filter(layer__in=before, depth=stood_on).exists()


def pictures(user: Any, layer: Layer) -> dict[str, list[dict[str, str]]]:
    """Pictures of the production that a draw may start from (`plain`) or follow (`depths`: those of plates drawn by
    rule are exact, a moving one's lasts as long as it does), of the same place first."""
    rows: QuerySet[Draw] = draws_for(user, layer.shot.production).filter(replay_of=None)
    rows = rows.filter(Q(media__frame_count=1) | Q(depth__isnull=False), artefact__isnull=False)
    rows = rows.exclude(state="binned").order_by("-created_at")[: 3 * PICTURES_OFFERED]
    here = layer.shot.scene.location_id
    near = sorted(rows, key=lambda row: here is None or row.layer.shot.scene.location_id != here)[:PICTURES_OFFERED]
    plain, depths = [], []
    for row in near:
        about = f"{row.layer.shot.path_code} · {row.layer.said} #{row.seed}"
        poster = row.poster_id or row.artefact_id or ""
        if row.media.get("frame_count") == 1:
            plain.append({"sha256": row.artefact_id or "", "title": about, "poster": poster})
        if row.depth_id:
            depths.append({"sha256": row.depth_id, "title": _("depth of %(what)s") % {"what": about}, "poster": poster})
    return {"plain": plain, "depths": depths}


def _there(template: str) -> bool:
    try:
        get_template(template)
    except TemplateDoesNotExist:
        return False
    return True
