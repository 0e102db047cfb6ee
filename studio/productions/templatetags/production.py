"""Template tags for pages of a production: its tabs, its people, where its books stand."""

from typing import Any

from django import template
from django.db.models import Max
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from studio.accounts.demo import demo_users
from studio.ledger.models import Entry
from studio.productions import policy, reasons
from studio.productions.models import Episode, Layer, Membership, Origin, Production, Rate, Role
from studio.productions.policy import Action

register = template.Library()


@register.simple_tag
def ledger_head(production: Production) -> int:
    """The newest ledger id this page was drawn from; the socket replays what came after."""
    return Entry.objects.filter(production_id=production.pk).aggregate(head=Max("pk"))["head"] or 0


@register.simple_tag
def members(production: Production) -> dict[str, Any]:
    people = list(production.memberships.select_related("user").order_by("created_at"))
    return {
        "shown": people[:4] if len(people) > 5 else people[:5],
        "more": max(0, len(people) - 4) if len(people) > 5 else 0,
    }


@register.simple_tag(takes_context=True)
def may(context: RequestContext, action: str, subject: Any) -> bool:
    """`{% may "EDIT_SHOTS" shot as can_edit %}`: whether the person who looks may do it."""
    return policy.may(context["request"].user, Action[action], subject)


def _address(name: str, *args: object) -> str:
    """An app whose pages are not installed has no tab."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def production_tabs(
    context: RequestContext, production: Production, episode: Episode | str | None = None
) -> list[dict[str, Any]]:
    """The production's tabs for the person who looks. Tabs of an episode lead to the current one, else to the first."""
    request = context["request"]
    if not isinstance(episode, Episode):
        episode = production.episodes.first()
    code = episode.code if episode else None
    slug = production.slug
    team = policy.may(request.user, Action.SEE_INTERNAL, production)
    rows = [
        (
            "board",
            _("Board"),
            _address("productions:board", slug, code) if code else _address("productions:overview", slug),
            True,
        ),
        ("footage", _("Footage"), _address("footage:list", slug), team),
        ("worlds", _("Worlds"), _address("generation:worlds", slug), team),
        ("review", _("Review"), _address("reviews:queue", slug), True),
        ("cut", _("Cut"), _address("releases:cut", slug, code) if code else "", team),
        ("release", _("Release"), _address("releases:release", slug, code) if code else "", team),
        ("ledger", _("Ledger"), _address("pipeline:ledger", slug), team),
        ("jobs", _("Jobs"), _address("pipeline:jobs", slug), team),
        ("team", _("Team"), _address("productions:team", slug), team),
    ]
    counts: dict[str, int] = context.get("tab_counts") or {}
    current = context.get("tab") or _tab_of(request)
    return [
        {"name": name, "label": label, "url": url, "current": name == current, "count": counts.get(name)}
        for name, label, url, shown in rows
        if url and shown
    ]


def _tab_of(request: Any) -> str:
    """Which tab an address belongs to, where the view names none."""
    match = request.resolver_match
    if match is None:
        return ""
    names = {"footage": "footage", "generation": "worlds", "reviews": "review", "comps": "board", "jobs": "jobs"}
    own = {
        "cut": "cut", "release": "release", "ledger": "ledger", "jobs": "jobs", "team": "team", "rates": "team",
        "consents": "team", "settings": "team", "board": "board", "shot": "board", "overview": "board",
    }  # fmt: skip
    return own.get(match.url_name or "") or names.get(match.app_name, "")


@register.simple_tag
def demo_people() -> list[Membership]:
    """One demo account per role, for the sign-in page of a demonstration; else nobody."""
    rows = Membership.objects.filter(user__in=demo_users()).select_related("user").order_by("created_at")
    first: dict[str, Membership] = {}
    for row in rows:
        first.setdefault(row.role, row)
    return [first[role] for role in Role.values if role in first]


@register.filter
def check_word(code: str) -> str:
    """A gate check's name in two words, for the board; the release page says the whole sentence."""
    words = {
        "cut": _("no shots"),
        "approved": _("approvals"),
        "head": _("newer versions"),
        "bytes": _("changed bytes"),
        "must_notes": _("must-notes"),
        "format": _("format"),
        "frames": _("ranges"),
        "licences": _("licences"),
        "models": _("models' licences"),
        "random_weights": _("random weights"),
        "consent": _("consent"),
        "filing": _("filing number"),
        "producer_code": _("producer code"),
        "budget": _("budget"),
        "master": _("master"),
        "label": _("AI label"),
        "implicit": _("AIGC key"),
        "manifest": _("C2PA manifest"),
    }
    return words.get(code, code.replace("_", " "))


@register.filter
def reason_sentences(layer: Layer) -> list[str]:
    """Why a layer is routed as it is, in the reader's language; a person's own reason stands first."""
    said = [reasons.sentence(reason) for reason in layer.reasons]
    return [layer.override_reason, *said] if layer.override_reason else said


@register.filter
def rate_words(keys: list[str]) -> str:
    """Rate-card keys in words: `captured day, travel`."""
    return ", ".join(str(Rate.Key(key).label) for key in keys)


@register.filter
def initial(title: str) -> str:
    """The first letter of a title, past its quotation marks: 《回家》 gives 回."""
    return next((letter for letter in title if letter.isalnum()), title[:1])


@register.simple_tag
def origins() -> list[tuple[str, str]]:
    return [(origin.value, str(origin.label)) for origin in Origin]
