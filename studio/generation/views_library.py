"""The library's pages: search, keep, look at, use, take back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.core.errors import Conflict, Invalid, NotThere
from studio.core.htmx import go
from studio.core.templatetags.huo import money
from studio.generation import continuity, library, place_page, shelf
from studio.generation.models import LibraryItem, LibraryUse
from studio.media import serving
from studio.productions import policy
from studio.productions.models import Element, Production, Rate, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production

ASKED = ("words", "kind", "colour", "like", "where")
WHERE = (("here", gettext_lazy("This production's")), ("shared", gettext_lazy("From others")))


def team(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def item_for(request: HttpRequest, production: Production, pk: UUID) -> LibraryItem:
    return get_object_or_404(shelf.items_for(request.user, production), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shelves(request: HttpRequest, slug: str) -> HttpResponse:
    """Search: `?words=`, `?kind=`, `?colour=2a6f7f`, `?like=<item or sha256>`, `?where=here|shared`; `?layer=` is to be
    filled at one click. POST keeps something."""
    production = team(request, slug)
    if request.method == "POST":
        return _keep(request, production)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ASKED}
    layer = shelf.layer_named(production, request.GET["layer"]) if request.GET.get("layer") else None
    if asked["kind"] not in LibraryItem.Kind.values:
        asked["kind"] = ""
    error = ""
    found: list[shelf.Found] = []
    unread: list[str] = []
    try:
        found = shelf.search(request.user, production, layer=layer, **asked)
        unread = shelf.unread(request.user, production, asked["like"])
    except Invalid as wrong:
        error = str(wrong)
    kept = {name: value for name, value in asked.items() if value} | ({"layer": str(layer.pk)} if layer else {})
    context = {
        "production": production, "tab": "worlds", "asked": asked, "layer": layer, "error": error,
        "found": found[: shelf.SHOWN], "count": len(found), "job": shelf.keep_up(request.user, production, unread),
        "kinds": [(value, label, _query(kept, kind=value)) for value, label in LibraryItem.Kind.choices],
        "wheres": [(value, label, _query(kept, where=value)) for value, label in WHERE],
        "all_kinds": _query(kept, kind=""), "everywhere": _query(kept, where=""), "no_colour": _query(kept, colour=""),
        "no_like": _query(kept, like=""), "layer_query": f"&layer={layer.pk}" if layer else "",
        "colour": f"#{asked['colour'].lstrip('#')}" if asked["colour"] else "",
        "saved": shelf.saved(production),
        "may_keep": policy.may(request.user, Action.KEEP_LIBRARY, production),
        "keep": _offered(production, request.GET.get("keep", "")),
    }  # fmt: skip
    return render(request, "generation/library.html", context, status=422 if error else 200)


def _query(kept: dict[str, str], **changed: str) -> str:
    return "?" + urlencode({name: value for name, value in {**kept, **changed}.items() if value})


def _offered(production: Production, chosen: str) -> dict[str, Any]:
    """What may be kept: elements that fill layers here and are not in the library, newest first."""
    rows = Element.objects.filter(production=production, layers__isnull=False, poster__isnull=False)
    kept = LibraryItem.objects.filter(retired_at=None, element__isnull=False).values("element")
    rows = rows.filter(kind__in=list(library.KEPT_AS)).exclude(pk__in=kept)
    rows = rows.exclude(library_uses__isnull=False).select_related("poster").distinct().order_by("-created_at")[:40]
    found = list(rows)
    return {"elements": found, "chosen": chosen if chosen in {str(row.pk) for row in found} else ""}


def _keep(request: HttpRequest, production: Production) -> HttpResponse:
    facts: dict[str, Any] = {name: request.POST.get(name, "") for name in library.FACTS}
    kind = request.POST.get("kind", "")
    element = None
    if kind != LibraryItem.Kind.STYLE:
        try:
            element = production.elements.filter(pk=UUID(request.POST.get("element", ""))).first()
        except ValueError:
            raise Invalid(_("Choose what to keep: something that fills a layer of this production.")) from None
    item = library.add(actor=request.user, production=production, kind=kind, element=element, **facts)
    messages.success(request, _("“%(name)s” is in the library.") % {"name": item.name})
    return go(request, "generation:library_item", production.slug, item.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, slug: str, item_id: UUID) -> HttpResponse:
    """One item: its papers, where it is used, and what it can fill here. POST changes its papers or `act`s: share,
    unshare, retire, restore."""
    production = team(request, slug)
    row = item_for(request, production, item_id)
    if request.method == "POST":
        match request.POST.get("act", ""):
            case "share" | "unshare" as act:
                library.change(actor=request.user, item=row, shared=act == "share")
            case "retire" | "restore" as act:
                library.retire(actor=request.user, item=row, back=act == "restore")
            case _:
                sent: dict[str, Any] = {name: request.POST[name] for name in library.FACTS if name in request.POST}
                library.change(actor=request.user, item=row, **sent)
        messages.success(request, _("Saved."))
        return go(request, "generation:library_item", slug, item_id)
    own = row.production
    picture = shelf.picture_of(row)
    look = continuity.looks_of([picture]).get(picture) if picture else None
    used = shelf.used_in(request.user, row)
    context = {
        "production": production, "tab": "worlds", "item": row, "colours": shelf.colours_in(look),
        "used": used, "used_count": sum(len(shots) for _production, shots in used),
        "uses": [_said_use(use, production) for use in _uses(row, production)],
        "layers": shelf.layers_for(request.user, production, row),
        "locations": list(production.locations.order_by("name")) if row.version else [],
        "version_facts": place_page.facts(row.version) if row.version else [],
        "film": bool(row.element and row.element.proxy_id),
        "may_use": policy.may(request.user, Action.KEEP_LIBRARY, production),
        "may_change": policy.may(request.user, Action.KEEP_LIBRARY, own),
        "may_share": policy.may(request.user, Action.SHARE_LIBRARY, own),
    }  # fmt: skip
    return render(request, "generation/library_item.html", context)


def _uses(row: LibraryItem, production: Production) -> list[LibraryUse]:
    rows = LibraryUse.objects.filter(item=row, production=production).exclude(layer__shot__state=Shot.State.OMITTED)
    return list(rows.select_related("layer__shot__scene__episode", "used_by")[:40])


def _said_use(use: LibraryUse, production: Production) -> dict[str, Any]:
    """A use, and what it saved in words: the figure, or which rate is missing."""
    missing = [str(Rate.Key(key).label) for key in use.saving.get("missing", []) if key in Rate.Key.values]
    amount = use.saving.get("amount_minor")
    said = ""
    if missing:
        said = _("no figure: the rate card has no %(rates)s") % {"rates": ", ".join(missing)}
    elif amount is not None:
        said = _("saved %(sum)s") % {"sum": money(amount, production.currency)}
    holds = use.layer is not None and use.layer.element_id == use.element_id
    return {"use": use, "said": said, "open": use.taken_back_at is None and (holds or bool(use.style_before))}


@login_required
@require_GET
def picture(request: HttpRequest, slug: str, item_id: UUID) -> HttpResponseBase:
    """An item's picture for whoever may see it, in whichever production it lies; `?film=1` its clip."""
    production = team(request, slug)
    row = item_for(request, production, item_id)
    return serving.respond(request, shelf.file_of(row, film=bool(request.GET.get("film"))))


@login_required
@require_POST
def use(request: HttpRequest, slug: str, item_id: UUID) -> HttpResponse:
    """Put an item to use: `layer` fills it, `location` is locked with it, neither makes it the production's style."""
    production = team(request, slug)
    row = item_for(request, production, item_id)
    if name := request.POST.get("layer", ""):
        layer = shelf.layer_named(production, name)
        made = library.use_in_layer(actor=request.user, item=row, layer=layer)
        told = _said_use(made, production)["said"]
        where = f"{layer.shot.code} · {layer.said}"
        said = _("“%(name)s” fills %(where)s.") % {"name": row.name, "where": where}
        messages.success(request, f"{said} {capfirst(told)}." if told else said)
        back = request.POST.get("next", "")
        if back == "draws":
            shot = layer.shot
            return go(request, "generation:draws", slug, shot.scene.episode.code, shot.path_code, layer.pk)
        return go(request, "generation:library_item", slug, item_id)
    if place := request.POST.get("location", ""):
        try:
            location = get_object_or_404(production.locations, pk=UUID(place))
        except ValueError:
            raise NotThere(_("There is no such location here.")) from None
        version = library.lock_with(actor=request.user, item=row, location=location)
        messages.success(request, _("%(version)s is kept. No shot moved.") % {"version": version.name})
        return go(request, "generation:place", slug, location.pk)
    if row.kind != LibraryItem.Kind.STYLE:
        raise Conflict(_("Choose a layer to fill."))
    library.use_style(actor=request.user, item=row, production=production)
    messages.success(request, _("Prompts that are written from now on carry it."))
    return go(request, "generation:library_item", slug, item_id)


@login_required
@require_POST
def back(request: HttpRequest, slug: str, use_id: UUID) -> HttpResponse:
    """Take a use back: the layer holds what it held before."""
    production = team(request, slug)
    row = get_object_or_404(LibraryUse.objects.select_related("item", "production"), pk=use_id, production=production)
    library.take_back(actor=request.user, use=row)
    messages.success(request, _("Taken back; the saving is booked back, too."))
    return go(request, "generation:library_item", slug, row.item_id)
