"""The library: keep what was made once, and use it again, in this production or another one.

An item belongs to its production. Other productions see it where it is shared, and so do people who are in both. What
is used becomes an element of the production that uses it, with the origin `library`; what it saves is booked.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import places, reuse, styles
from studio.generation.models import LibraryItem, LibraryUse, LocationVersion
from studio.jobs import services as jobs
from studio.ledger.services import record
from studio.media import storage
from studio.media.models import Artefact
from studio.productions import layers, policy, routes
from studio.productions.models import Element, Layer, LayerKind, Location, Origin, Production, Role
from studio.productions.policy import Action

Kind = LibraryItem.Kind
# What an item of a kind can fill.
FITS = {
    Kind.LOCATION: (LayerKind.BACKGROUND,),
    Kind.CROWD: (LayerKind.CROWD,),
    Kind.EFFECT: (LayerKind.EFFECT, LayerKind.FOREGROUND),
    Kind.PROP: (LayerKind.FOREGROUND, LayerKind.BACKGROUND),
    Kind.STYLE: (),
}
# What an element of a layer kind is kept as, unless somebody says otherwise.
KEPT_AS = {
    LayerKind.BACKGROUND: Kind.LOCATION, LayerKind.CROWD: Kind.CROWD, LayerKind.EFFECT: Kind.EFFECT,
    LayerKind.FOREGROUND: Kind.PROP,
}  # fmt: skip
FACTS = {"name": 200, "words": 300, "licence": 80, "source": 300, "terms": 300}


# -- keeping


@transaction.atomic
def add(
    *, actor: Any, production: Production, kind: str = "", element: Element | None = None,
    version: LocationVersion | None = None, **facts: str,
) -> LibraryItem:  # fmt: skip
    """Keep an element (with the location's version it shows), or the production's style, as a library item.

    facts: name, words, licence, source, terms; what is left out is the element's. Raises Invalid for a gap, Conflict
    where it is kept already or came from a library itself.
    """
    policy.require(actor, Action.KEEP_LIBRARY, production)
    kind = kind or (KEPT_AS.get(LayerKind(element.kind), "") if element else Kind.STYLE)
    if kind not in Kind.values:
        raise Invalid(_("The library keeps locations, crowds, effects, props and styles."))
    told = {"licence": "", "source": "", "name": "", "words": "", "terms": ""}
    style: dict[str, str] = {}
    if kind == Kind.STYLE:
        style = _style_words(production)
        told |= {"name": production.title, "licence": "own"}
    else:
        found = _keepable(production, kind, element, version)
        if version is None:
            version = next((row for draw in found.draws.all() if (row := places.named_in(draw.recipe))), None)
        told |= {"name": found.name, "licence": found.licence, "source": found.source}
    told = _checked({**told, **{name: text for name, text in facts.items() if text}})
    item = LibraryItem.objects.create(
        production=production, kind=kind, element=element if kind != Kind.STYLE else None,
        version=version if kind == Kind.LOCATION else None, style=style, added_by=actor, **told,
    )  # fmt: skip
    _book("library.added", actor, production, item, {"licence": item.licence, "source": item.source})
    return item


def _keepable(production: Production, kind: str, element: Element | None, version: LocationVersion | None) -> Element:
    if element is None or element.production_id != production.pk:
        raise Invalid(_("Choose what to keep: something that fills a layer of this production."))
    if element.kind not in FITS[Kind(kind)]:
        said = _("A %(kind)s can't be made of what fills a %(layer)s layer.")
        raise Invalid(said % {"kind": Kind(kind).label, "layer": LayerKind(element.kind).label})
    if version is not None and version.location.production_id != production.pk:
        raise Invalid(_("This version belongs to another production's location."))
    if element.library_uses.exists():
        raise Conflict(_("It came from the library itself: its item is there already."))
    if element.library_items.filter(retired_at=None).exists():
        raise Conflict(_("“%(name)s” is in the library already.") % {"name": element.name})
    return element


def _style_words(production: Production) -> dict[str, str]:
    row = styles.row_of(production)
    words = {name: str(getattr(row, name)) for name in styles.PARTS} if row else {}
    if not any(words.values()):
        raise Invalid(_("This production has no style yet: write one first."))
    return words


def _checked(facts: dict[str, str]) -> dict[str, str]:
    if strange := set(facts) - set(FACTS):
        raise Invalid(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(strange))})
    told = {name: " ".join(str(text).split()) for name, text in facts.items()}
    for name, most in FACTS.items():
        if len(told.get(name, "")) > most:
            raise Invalid(_("Up to %(most)s characters each.") % {"most": most})
    if not told.get("name", "-"):
        raise Invalid(_("Give it a name."))
    if not told.get("licence", "-"):
        raise Invalid(_("Say under which licence it may be used; the release gate asks for it."))
    return told


@transaction.atomic
def change(*, actor: Any, item: LibraryItem, shared: bool | None = None, **facts: str) -> LibraryItem:
    """Write an item's papers anew (name, words, licence, source, terms), or open it to other productions.

    Elements made of it keep the licence that they were made under.
    """
    policy.require(actor, Action.KEEP_LIBRARY, item.production)
    told = _checked(facts)
    changed = {name: text for name, text in told.items() if getattr(item, name) != text}
    if changed:
        data = {name: {"from": getattr(item, name), "to": text} for name, text in changed.items()}
        LibraryItem.objects.filter(pk=item.pk).update(**changed)
        item.refresh_from_db()
        _book("library.changed", actor, item.production, item, data)
    if shared is not None and shared != item.shared:
        policy.require(actor, Action.SHARE_LIBRARY, item.production)
        item.shared = shared
        item.save(update_fields=["shared"])
        _book("library.shared" if shared else "library.unshared", actor, item.production, item)
    return item


@transaction.atomic
def retire(*, actor: Any, item: LibraryItem, back: bool = False) -> None:
    """Take an item out of the library; where it is used it stays. back: bring it back."""
    policy.require(actor, Action.KEEP_LIBRARY, item.production)
    item.retired_at = None if back else datetime.now(UTC)
    item.save(update_fields=["retired_at"])
    _book("library.restored" if back else "library.retired", actor, item.production, item)


# -- using


def open_to(actor: Any, production: Production, item: LibraryItem) -> None:
    """Raises Forbidden where `item` may not be used in `production`: it is another one's, not shared, and `actor` could
    not share it either."""
    if item.retired_at is not None:
        raise Conflict(_("“%(name)s” was taken out of the library.") % {"name": item.name})
    if item.production_id == production.pk or item.shared:
        return
    if not policy.may(actor, Action.SHARE_LIBRARY, item.production):
        said = _("“%(name)s” is not shared with other productions. Ask its producer or VFX supervisor to share it.")
        raise Forbidden(said % {"name": item.name})


@transaction.atomic
def use_in_layer(*, actor: Any, item: LibraryItem, layer: Layer) -> LibraryUse:
    """Fill a layer with an item; what that saves is booked with its rates, or that a rate is missing.

    Raises Invalid where it does not fit, Conflict where it fills the layer already.
    """
    policy.require(actor, Action.KEEP_LIBRARY, layer)
    production = layer.shot.production
    open_to(actor, production, item)
    layer = Layer.objects.select_for_update(of=("self",)).select_related("shot__scene", "element").get(pk=layer.pk)
    if item.element is None or layer.kind not in FITS[Kind(item.kind)]:
        said = _("“%(name)s” (%(kind)s) can't fill a %(layer)s layer.")
        names = {"name": item.name, "kind": item.get_kind_display(), "layer": layer.get_kind_display()}
        raise Invalid(said % names)
    before = layer.element
    held = before is not None and (before.pk == item.element_id or before.library_uses.filter(item=item).exists())
    if held:
        raise Conflict(_("“%(name)s” fills this layer already.") % {"name": item.name})
    element = _element(actor, item, layer)
    facts = routes.facts_of(layer.shot)
    saved = reuse.saving(layer.kind, item.element.origin, facts)
    layers.fill_layer(layer=layer, element=element, actor=actor)
    use = LibraryUse.objects.create(
        item=item, production=production, layer=layer, element=element, before=before, saving=saved, used_by=actor
    )
    told = _told(saved, facts.rates, production.currency) | {"layer": layer.name, "of": item.production.title}
    _book("library.used", actor, production, item, told, subject=layer.shot, made_from=[element.artefact_id])
    jobs.poke(layer.shot)
    return use


def _told(saved: dict[str, Any], rates: Any, currency: str, *, sign: int = 1) -> dict[str, Any]:
    """A saving as the books hold it: the figure, its lines with the rates they were reckoned at, what is missing."""
    amount = saved.get("amount_minor")
    lines = [line | {"rate_minor": rates.get(line["key"])} for line in saved.get("lines", [])]
    return {
        "saving_minor": None if amount is None else sign * amount,
        "lines": lines,
        "missing_rates": saved.get("missing", []),
        "currency": currency,
    }


def _element(actor: Any, item: LibraryItem, layer: Layer) -> Element:
    """The element that stands for an item in the layer's production: one per kind of layer and location."""
    made = item.element
    assert made is not None
    production, place = layer.shot.production, layer.shot.scene.location_id
    media = dict(made.media)
    media.pop("location", None)
    if place is not None:
        media["location"] = str(place)  # routing then knows that the location's library holds one
    known = Element.objects.filter(library_uses__item=item, production=production, kind=layer.kind, media=media)
    if found := known.filter(licence=item.licence).first():
        return found
    for digest in {made.artefact_id, made.proxy_id, made.poster_id, made.media.get("front")} - {None}:
        storage.use(production.pk, Artefact.objects.get(pk=digest))
    return layers.make_element(
        production=production, name=item.name, kind=layer.kind, origin=Origin.LIBRARY, artefact=made.artefact,
        ai_made=made.ai_made, proxy=made.proxy, poster=made.poster, media=media, licence=item.licence,
        source=f"library: {item.production.title} · {item.source}"[:300], declared_by=actor,
    )  # fmt: skip


@transaction.atomic
def use_style(*, actor: Any, item: LibraryItem, production: Production) -> LibraryUse:
    """Make an item's words the production's style; prompts that were drawn with keep theirs."""
    policy.require(actor, Action.KEEP_LIBRARY, production)
    open_to(actor, production, item)
    if item.kind != Kind.STYLE:
        raise Invalid(_("“%(name)s” is no style.") % {"name": item.name})
    row = styles.row_of(production)
    before = {name: str(getattr(row, name)) if row else "" for name in styles.PARTS}
    styles.change(actor=actor, production=production, **item.style)
    use = LibraryUse.objects.create(item=item, production=production, style_before=before, used_by=actor)
    _book("library.used", actor, production, item, {"of": item.production.title}, subject=production)
    return use


@transaction.atomic
def lock_with(*, actor: Any, item: LibraryItem, location: Location) -> LocationVersion:
    """Keep a version of `location` as the item's own location is pinned, seeds and all; its plates become this
    production's, too. Raises Invalid for an item without a pinned location."""
    policy.require(actor, Action.LOCK_PLACE, location)
    open_to(actor, location.production, item)
    if item.version is None:
        raise Invalid(_("“%(name)s” holds no locked location.") % {"name": item.name})
    content = places.content_of(item.version)
    for digest in {plate[name] for plate in content["plates"] for name in ("artefact", "poster") if plate[name]}:
        storage.use(location.production_id, Artefact.objects.get(pk=digest))
    said = _("From the library: %(name)s, %(version)s.") % {"name": item.name, "version": item.version.name}
    version = places.lock(actor=actor, location=location, comment=said, **content)
    LibraryUse.objects.create(item=item, production=location.production, used_by=actor)
    told = {"version": version.name, "of": item.production.title}
    _book("library.used", actor, location.production, item, told, subject=location)
    return version


@transaction.atomic
def take_back(*, actor: Any, use: LibraryUse) -> None:
    """Undo a use: the layer holds what it held before, the style reads as it did; the saving is booked back.

    Raises Conflict where the layer was filled with something else since, or it was taken back already.
    """
    policy.require(actor, Action.KEEP_LIBRARY, use.production)
    use = LibraryUse.objects.select_for_update(of=("self",)).select_related("item__production", "layer__shot").get(
        pk=use.pk
    )  # fmt: skip
    if use.taken_back_at is not None or (use.layer is None and not use.style_before):
        raise Conflict(_("There is nothing left of it to take back."))
    told: dict[str, Any] = {}
    subject: Any = use.production
    if use.layer is not None:
        if use.layer.element_id != use.element_id:
            raise Conflict(_("Something else fills the layer by now: there is nothing to take back."))
        subject = use.layer.shot
        if use.before is not None:
            layers.fill_layer(layer=use.layer, element=use.before, actor=actor)
        else:
            Layer.objects.filter(pk=use.layer.pk).update(element=None)
        told = _told(use.saving, routes.rates_of(use.production), use.production.currency, sign=-1) | {
            "layer": use.layer.name
        }
        jobs.poke(use.layer.shot)
    else:
        styles.change(actor=actor, production=use.production, **use.style_before)
    use.taken_back_at = datetime.now(UTC)
    use.save(update_fields=["taken_back_at"])
    _book("library.taken_back", actor, use.production, use.item, told, subject=subject)


def _book(
    verb: str, actor: Any, production: Production, item: LibraryItem, data: dict[str, Any] | None = None,
    *, subject: Any = None, made_from: list[str] | None = None,
) -> None:  # fmt: skip
    about = {"item": str(item.pk), "name": item.name, "kind": item.kind, **(data or {})}
    code = "" if subject is not None and hasattr(subject, "code") else item.name[:80]
    record(
        verb, production_id=production.pk, subject=subject or item, actor=actor, data=about, code=code,
        made_from=made_from or ([item.element.artefact_id] if item.element else []),
    )  # fmt: skip


def inside(user: Any) -> Any:
    """The productions that a person is in as one of the team."""
    return Production.objects.filter(memberships__in=user.memberships.exclude(role=Role.GUEST))
