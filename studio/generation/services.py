"""Ask for draws, record what came, and pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.canonical import digest
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import budget, estimates, following, places, registry, seeds, varying
from studio.generation.backends import BACKENDS
from studio.generation.backends.base import Backend, Offer
from studio.generation.models import Draw, RegisteredModel
from studio.generation.states import DRAW
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.ledger.services import record
from studio.media import services as media
from studio.media.models import Artefact, ArtefactUse, Upload
from studio.media.receivers import receiver
from studio.productions import layers, policy, routes
from studio.productions.models import Element, Layer, Production
from studio.productions.policy import Action

DRAFT_SHARE = 375  # thousandths of the production's size: 405 x 720 of 1080 x 1920
MOST_AT_ONCE = 16


def draft_size(production: Production) -> tuple[int, int]:
    """Width and height of a draft: even numbers of pixels."""
    return production.width * DRAFT_SHARE // 2000 * 2, production.height * DRAFT_SHARE // 2000 * 2


@transaction.atomic
def request_draws(
    *,
    actor: Any,
    layer: Layer,
    family: str,
    params: Mapping[str, Any],
    seed: int | None = None,
    count: int = 1,
    draft: bool = True,
    backend: str = "procedural",
    use_when_done: bool = False,
    like: Draw | None = None,
    varies: str = "",
    final_of: Draw | None = None,
    follow: bool = True,
    frames: int = 0,
) -> list[Draw]:
    """`count` draws of one family from consecutive seeds, priced before they are queued.

    On a shot of a locked location, settings and prompt that `params` does not name are those of the pinned version
    (follow False: the family's own), and the recipe names it.
    seed None: the next free ones of the location's family. like: the draw these are to be more like; varies: what of it
    they vary (`varying.WAYS`; "settings" keeps the seed and moves the numbers a little). final_of: the draft that this
    is the final of.
    frames: how long a clip is to be; 0: as long as its backend says.
    Raises Invalid for values that cannot be drawn, Forbidden where the price goes over what `actor` may spend.
    """
    production = layer.shot.production
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(_("Ask for 1 to %(most)s draws at once.") % {"most": MOST_AT_ONCE})
    if varies and varies not in varying.WAYS:
        raise Invalid(_("There is no such way to be more like a draw."))
    engine, offer = offer_for(layer, family, backend)
    version = following.version_of(actor, layer, like or final_of)
    if version is not None and follow and like is None and final_of is None:
        params = following.defaults(layer, offer, version) | dict(params)
    _said(offer, params)
    if seed is None:
        seed = next_seed(layer, count)
    if not 0 <= seed <= 2**31 - 1 - count:
        raise Invalid(_("The seed is a whole number from 0 to 2147483647."))
    form = form_of(production, draft=draft) | {"shot_frames": layer.shot.duration_frames}
    form |= {"frames": frames} if frames else {}
    numbered = _numbered(offer, params, seed, count, like if varies == varying.SETTINGS else None)
    recipes = [engine.check({"family": family, "params": own, "seed": at, **form}) for at, own in numbered]
    _own(production, {sha256 for recipe in recipes for sha256 in engine.inputs(recipe)})
    if version is not None:
        recipes = [recipe | {"location": following.named(layer, offer, version, recipe)} for recipe in recipes]
    rates = rates_of(production)
    known = estimates.Estimates(production)
    prices = [known.of(engine, recipe).price(rates) for recipe in recipes]
    Production.objects.select_for_update().get(pk=production.pk)  # two requests must not both fit under the cap
    may_spend(actor, layer, sum(price or 0 for price in prices), budget.action_for(backend))
    told = {"batch": uuid4(), "like": like, "varies": varies if like else "", "final_of": final_of}
    return [
        _queue(actor, layer, backend, engine.origin, recipe, price, draft=draft, use=use_when_done, told=told)
        for recipe, price in zip(recipes, prices, strict=True)
    ]


def offer_for(layer: Layer, family: str, backend: str) -> tuple[Backend, Offer]:
    """The backend and its offer. Raises Invalid where there is none for such a layer."""
    engine = BACKENDS.get(backend)
    if engine is None:
        raise Invalid(_("There is no backend “%(name)s” here.") % {"name": backend})
    offer = next((one for one in engine.offers(layer.kind) if one.name == family), None)
    if offer is None:
        if engine.ai_made:  # a model that was changed or struck says so itself
            engine.check({"family": family, "params": {}, "seed": 0, **form_of(layer.shot.production, draft=True)})
        raise Invalid(
            _("“%(family)s” can't fill a %(kind)s layer.") % {"family": family, "kind": layer.get_kind_display()}
        )
    return engine, offer


def form_of(production: Production, *, draft: bool) -> dict[str, int]:
    """Size and rate of what is drawn for a production."""
    width, height = draft_size(production) if draft else (production.width, production.height)
    return {"width": width, "height": height, "fps_num": production.fps_num, "fps_den": production.fps_den}


def _numbered(
    offer: Offer, params: Mapping[str, Any], seed: int, count: int, like: Draw | None
) -> list[tuple[int, dict[str, Any]]]:
    """Seed and settings of each draw: seeds in a row, or, `like` a draw with its settings moved, its seed alone."""
    if like is None:
        return [(seed + number, dict(params)) for number in range(count)]
    had = Draw.objects.filter(like=like, varies=varying.SETTINGS).count()
    return [(like.seed, varying.settings(offer.parameters, params, like.seed, had + number)) for number in range(count)]


def _said(offer: Offer, params: Mapping[str, Any]) -> None:
    """Drawing from words needs some: without them a model draws anything, at the full price."""
    for one in offer.parameters:
        if one.kind == "text" and getattr(one, "required", False) and not str(params.get(one.name) or "").strip():
            raise Invalid(
                _("Fill in “%(name)s” first: without it anything at all would be drawn.") % {"name": _(one.title)}
            )


def _own(production: Production, digests: set[str]) -> None:
    """A draw starts only from what the production has: a digest is not a way into another one's pictures."""
    known = ArtefactUse.objects.filter(production_id=production.pk, artefact_id__in=digests)
    if digests - set(known.values_list("artefact_id", flat=True)):
        raise Invalid(_("The picture to start from is not one of this production's."))


def rates_of(production: Production) -> dict[str, int]:
    """The rate card with each model's own price per draw beside the common one (`draw:<model>`)."""
    named = {
        f"{rate.key}:{rate.model}": rate.amount_minor
        for rate in production.rates.exclude(model="").order_by("valid_from")
    }
    return routes.rates_of(production) | named


@dataclass(frozen=True)
class Quote:
    """What `count` draws would take, said before anything is spent. seconds_milli and minor are of all of them; minor
    None: the rate `missing` is not on the card. flags: what speaks against the models, in the reader's language."""

    count: int
    seconds_milli: int
    minor: int | None
    basis: str
    missing: str
    flags: tuple[str, ...]


def quote(
    *, layer: Layer, family: str, params: Mapping[str, Any], backend: str, count: int = 1, draft: bool = True
) -> Quote:
    """Seconds, price, where they come from, and licence flags of a request that is not made yet. Raises Invalid."""
    production = layer.shot.production
    engine, _offer = offer_for(layer, family, backend)
    form = form_of(production, draft=draft) | {"shot_frames": layer.shot.duration_frames}
    recipe = engine.check({"family": family, "params": params, "seed": 0, **form})
    estimate = estimates.estimate(engine, recipe, production)
    price = estimate.price(rates_of(production))
    flags = registry.against(registry.parts_of(recipe), production)
    return Quote(
        count,
        estimate.seconds_milli * count,
        None if price is None else price * count,
        _(estimate.basis),
        "" if price is not None else estimate.rate,
        tuple(registry.worded(reason) for reason in flags),
    )


@transaction.atomic
def register(*, approved_by: Any, production: Production, **papers: Any) -> RegisteredModel:
    """Register a model's folder from a page: its papers now, the look at every file by a worker."""
    model = registry.add(approved_by=approved_by, production=production, later=True, **papers)
    jobs.submit(
        "generation.verify", production_id=production.pk, subject=model, title=model.title, created_by=approved_by,
        payload={"model": str(model.pk)}, key=f"verify:{model.pk}",
    )  # fmt: skip
    return model


@transaction.atomic
def ask_to_verify(*, actor: Any, production: Production, model: RegisteredModel) -> Job:
    """Have a model's files checked by a worker; at most one such job per model waits."""
    policy.require(actor, Action.SPEND, production)
    return jobs.submit(
        "generation.verify", production_id=production.pk, subject=model, title=model.title, created_by=actor,
        payload={"model": str(model.pk)}, key=f"verify:{model.pk}",
    )  # fmt: skip


def seed_family(layer: Layer) -> int:
    """The first seed of the family that draws of this layer's location come from; a locked location pins it."""
    found = places.standing(layer.shot)
    if found is not None:
        return found.version.seed_family
    return seeds.family_of(layer.shot.production_id, layer.shot.scene.location_id)


def next_seed(layer: Layer, count: int = 1) -> int:
    """The first of `count` seeds in a row of the location's family that nothing was drawn with yet."""
    family = seed_family(layer)
    used = Draw.objects.filter(layer__shot__production_id=layer.shot.production_id)
    used = used.filter(seed__gte=family, seed__lt=family + seeds.FAMILY)
    return seeds.following(set(used.values_list("seed", flat=True)), family, count)


def _queue(
    actor: Any,
    layer: Layer,
    backend: str,
    origin: str,
    recipe: dict[str, Any],
    price: int | None,
    *,
    draft: bool,
    use: bool,
    told: Mapping[str, Any] | None = None,
) -> Draw:
    """told: batch, like, varies, final_of or replay_of."""
    draw = Draw.objects.create(
        layer=layer,
        backend=backend,
        origin=origin,
        recipe=recipe,
        recipe_sha256=digest(recipe),
        seed=recipe.get("seed", 0),
        draft=draft,
        estimate_minor=price,
        asked_by=actor,
        **(told or {}),
    )
    draw.job = jobs.submit(
        "generation.draw",
        production_id=layer.shot.production_id,
        subject=layer.shot,
        title=f"{layer.shot.code} · {layer.name}",
        payload={"draw": str(draw.pk), "use": use},
        queue=BACKENDS[backend].queue,
        created_by=actor,
    )
    draw.save(update_fields=["job"])
    data = {
        "draw": str(draw.pk),
        "backend": backend,
        "layer": layer.name,
        "recipe": draw.recipe_sha256,
        "estimate_minor": price,
        "draft": draft,
        "models": registry.parts_of(recipe),
    } | ({"location": recipe["location"]} if "location" in recipe else {})
    record("draw.asked", production_id=layer.shot.production_id, subject=layer.shot, actor=actor, data=data)
    return draw


def may_spend(actor: Any, layer: Layer, amount_minor: int, action: Action) -> None:
    """Raises Forbidden where `actor` may not spend this on top of what they have. action: `budget.action_for` of what
    draws it. The caller holds the production."""
    if policy.membership(actor, layer.shot.production) is None:
        policy.require(actor, action, layer)
    if why := budget.stop(actor, layer.shot.production, amount_minor, action):
        raise Forbidden(why)


def queue_again(actor: Any, draw: Draw, price: int | None) -> Draw:
    """The same recipe once more, tied to the draw it repeats."""
    return _queue(
        actor, draw.layer, draw.backend, draw.origin, draw.recipe, price, draft=draw.draft, use=False,
        told={"replay_of": draw, "batch": uuid4()},
    )  # fmt: skip


def permit(
    *, actor: Any, layer: Layer, filename: str, size: int, sha256: str, declared: Mapping[str, Any], origin: str
) -> dict[str, Any]:
    """Let `actor` send a plate for `layer`. declared: origin, ai_made, licence, source. Raises Invalid for a gap."""
    policy.require(actor, Action.UPLOAD, layer)
    production = layer.shot.production
    form = {name: getattr(production, name) for name in ("width", "height", "fps_num", "fps_den")}
    recipe = BACKENDS["upload"].check({**declared, **form, "sha256": sha256, "filename": filename})
    purpose = {"kind": "plate", "layer": str(layer.pk), "recipe": recipe}
    return media.create_permit(actor, production, filename, size, sha256, purpose, origin)


@receiver("plate")
@transaction.atomic
def receive_plate(upload: Upload, artefact: Artefact) -> Draw:
    """A stored upload becomes a draw of the backend `upload`. It fills its layer if nothing does yet."""
    layer = Layer.objects.select_related("shot").get(pk=upload.purpose["layer"])
    recipe = upload.purpose["recipe"] | {"sha256": artefact.pk}
    return _queue(
        upload.created_by, layer, "upload", recipe["origin"], recipe, 0, draft=False, use=layer.element_id is None
    )


@transaction.atomic
def start(*, draw: Draw) -> None:
    DRAW.move(draw, Draw.State.RUNNING)


@transaction.atomic
def record_draw(*, draw: Draw, made: Mapping[str, Any], use: bool) -> None:
    """What a draw made, and what it cost by the rate card. use: fill the layer with it at once.

    made: artefacts `artefact`, `poster`, `proxy`, `depth` and `media`, `seconds_milli`, `fingerprint`.
    """
    production = draw.layer.shot.production
    cost = cost_of(draw, made["seconds_milli"], made["fingerprint"].get("device", ""))
    DRAW.move(draw, Draw.State.DONE, cost_minor=cost, error="", **made)
    data = {"draw": str(draw.pk), "seconds_milli": made["seconds_milli"], "recipe": draw.recipe_sha256}
    record(
        "draw.done",
        production_id=production.pk,
        subject=draw.layer.shot,
        actor=draw.asked_by,
        made_from=[draw.artefact_id or ""],
        cost_minor=cost,
        data=data,
    )
    if use:
        _promote(draw.asked_by, draw)


@transaction.atomic
def end_draw(*, draw: Draw, state: str, sentence: str) -> None:
    """A draw that failed or was cancelled; it leaves no picture, and what it used is booked apart from what was kept.

    What is paid by the draw costs nothing then; time that a machine worked does.
    """
    used = _used_milli(draw)
    paid = draw.state == Draw.State.RUNNING and BACKENDS[draw.backend].rate != "draw"
    cost = cost_of(draw, used) if paid else None
    DRAW.move(draw, state, error=sentence, cost_minor=cost, seconds_milli=used if paid else None)
    record(
        f"draw.{state}",
        production_id=draw.layer.shot.production_id,
        subject=draw.layer.shot,
        actor=draw.asked_by,
        cost_minor=cost,
        data={"draw": str(draw.pk), "why": sentence, "seconds_milli": used if paid else 0},
    )


def cost_of(draw: Draw, seconds_milli: int, device: str = "") -> int | None:
    """Minor units by the rate card: time at the machine's rate, or the price per draw. None: no such rate."""
    engine, rates = BACKENDS[draw.backend], rates_of(draw.layer.shot.production)
    if engine.rate == "draw":
        return engine.estimate(draw.recipe).price(rates)
    rate = rates.get("cpu_hour" if device == "cpu" else engine.rate)
    return None if rate is None else -(-rate * seconds_milli // 3_600_000)


def _used_milli(draw: Draw) -> int:
    """How long the attempt that ended now had worked."""
    began = draw.job.started_at if draw.job is not None else None
    return max(0, round((datetime.now(UTC) - began).total_seconds() * 1000)) if began else 0


@transaction.atomic
def star(*, actor: Any, draw: Draw, on: bool = True) -> None:
    policy.require(actor, Action.PICK_DRAW, draw.layer)
    DRAW.move(draw, Draw.State.STARRED if on else Draw.State.DONE)
    _picked("draw.starred" if on else "draw.unstarred", actor, draw)


@transaction.atomic
def bin_draw(*, actor: Any, draw: Draw, reason: str) -> None:
    """Put a draw in the bin; the reason teaches the next request."""
    policy.require(actor, Action.PICK_DRAW, draw.layer)
    if not reason.strip():
        raise Invalid(_("Say why it goes in the bin: the reason is what the next draw learns from."))
    DRAW.move(draw, Draw.State.BINNED, bin_reason=reason.strip()[:200])
    _picked("draw.binned", actor, draw, reason=draw.bin_reason)


@transaction.atomic
def restore(*, actor: Any, draw: Draw, starred: bool = False) -> None:
    """Take a draw out of the bin; starred: with the star it had."""
    policy.require(actor, Action.PICK_DRAW, draw.layer)
    DRAW.move(draw, Draw.State.STARRED if starred else Draw.State.DONE, bin_reason="")
    _picked("draw.restored", actor, draw)


@transaction.atomic
def promote(*, actor: Any, draw: Draw) -> Element | Draw:
    """Let a draw fill its layer. A draft is drawn at full size first (same recipe, same seed), then fills it; a final
    that was drawn from it already fills it at once. Raises Conflict while its final is being drawn.
    """
    policy.require(actor, Action.PICK_DRAW, draw.layer)
    if not draw.draft:
        return _promote(actor, draw)
    if draw.state not in (Draw.State.DONE, Draw.State.STARRED):
        raise Conflict(_("Only a finished draw can be used."))
    finals = draw.finals.order_by("-created_at")
    if finals.filter(state__in=(Draw.State.QUEUED, Draw.State.RUNNING)).exists():
        raise Conflict(_("Its final is being drawn already; it fills the layer when it is done."))
    if ready := finals.filter(state__in=(Draw.State.DONE, Draw.State.STARRED, Draw.State.PROMOTED)).first():
        return _promote(actor, ready)
    asked = BACKENDS[draw.backend].final(draw.recipe, draw.artefact_id or "")
    (final,) = request_draws(
        actor=actor, layer=draw.layer, draft=False, backend=draw.backend, use_when_done=True, final_of=draw, **asked
    )
    return final


def title_of(draw: Draw) -> str:
    """What the draw's family is called, as the backend wrote it; pages say it in the reader's language."""
    family: str = draw.recipe["family"]
    offers = BACKENDS[draw.backend].offers(draw.layer.kind)
    return next((offer.title for offer in offers if offer.name == family), family)


def _promote(actor: Any, draw: Draw) -> Element:
    shot = draw.layer.shot
    assert draw.artefact is not None
    declared = draw.recipe if draw.backend == "upload" else {}
    element = draw.element or layers.make_element(
        production=shot.production,
        name=declared.get("filename") or f"{title_of(draw)} · {draw.seed}",
        kind=draw.layer.kind,
        origin=draw.origin,
        artefact=draw.artefact,
        ai_made=bool(declared.get("ai_made", BACKENDS[draw.backend].ai_made)),
        proxy=draw.proxy,
        poster=draw.poster,
        media=draw.media,
        licence=declared.get("licence") or registry.licences_of(draw.recipe) or "own",
        source=declared.get("source") or f"{draw.backend} {draw.recipe_sha256[:12]}",
        declared_by=actor,
    )
    for other in draw.layer.draws.filter(state=Draw.State.PROMOTED).exclude(pk=draw.pk):
        DRAW.move(other, Draw.State.DONE)
    if draw.state != Draw.State.PROMOTED:
        DRAW.move(draw, Draw.State.PROMOTED, element=element)
    layers.fill_layer(layer=draw.layer, element=element, actor=actor)
    _picked("draw.promoted", actor, draw)
    jobs.poke(shot)
    return element


def cancel(*, actor: Any, draw: Draw) -> Job:
    """Cancel a waiting or running draw; it alone."""
    if draw.job is None:
        raise Conflict(_("This draw has no work left to cancel."))
    policy.require(actor, Action.CANCEL_JOB, _Owned(draw))
    return jobs.cancel(actor, draw.job)


class _Owned:
    """A draw as the policy asks about work: whose it is, and where it belongs."""

    def __init__(self, draw: Draw) -> None:
        self.production = draw.layer.shot.production
        self.created_by_id = draw.asked_by_id


def _picked(verb: str, actor: Any, draw: Draw, **data: Any) -> None:
    made_from = [draw.artefact_id] if draw.artefact_id else []
    about = {"draw": str(draw.pk), "layer": draw.layer.name, **data}
    record(
        verb,
        production_id=draw.layer.shot.production_id,
        subject=draw.layer.shot,
        actor=actor,
        made_from=made_from,
        data=about,
    )
