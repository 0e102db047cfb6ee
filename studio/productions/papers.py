"""What a production keeps on paper: rate card, consents, locations."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.ledger.services import record
from studio.productions import policy, routes
from studio.productions.models import Likeness, Location, Production, Rate
from studio.productions.policy import Action

CONSENT_FACTS = {"name", "character", "consent_reference", "consent_until", "ai_alteration_allowed"}


@transaction.atomic
def add_rate(
    *, actor: Any, production: Production, key: str, amount_minor: int, source: str, valid_from: date, model: str = ""
) -> Rate:
    """A line of the rate card.

    The newest line of a key (and model) that is valid counts; older ones stay as history.
    """
    policy.require(actor, Action.MANAGE, production)
    if key not in Rate.Key.values or amount_minor < 0 or not source.strip():
        raise Invalid(_("A rate needs a known key, an amount of zero or more, and where it comes from."))
    rate = Rate.objects.create(
        production=production,
        key=key,
        model=model.strip(),
        amount_minor=amount_minor,
        source=source.strip(),
        valid_from=valid_from,
    )
    data = {
        "key": key,
        "model": rate.model,
        "amount_minor": amount_minor,
        "source": rate.source,
        "valid_from": valid_from.isoformat(),
    }
    record("rate.added", production_id=production.pk, subject=rate, actor=actor, data=data, code=key)
    routes.forecast_anew(production)
    return rate


@transaction.atomic
def remove_rate(*, actor: Any, rate: Rate) -> None:
    policy.require(actor, Action.MANAGE, rate.production)
    data = {"key": rate.key, "model": rate.model, "amount_minor": rate.amount_minor}
    record("rate.removed", production_id=rate.production_id, subject=rate, actor=actor, data=data, code=rate.key)
    production = rate.production
    rate.delete()
    routes.forecast_anew(production)


@transaction.atomic
def keep_consent(*, actor: Any, production: Production, likeness: Likeness | None = None, **facts: Any) -> Likeness:
    """Enter a person on screen and the consent that covers them, or change the entry."""
    policy.require(actor, Action.CONSENT, production)
    if set(facts) - CONSENT_FACTS:
        raise Invalid(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(set(facts) - CONSENT_FACTS))})
    verb = "consent.changed" if likeness else "consent.added"
    likeness = likeness or Likeness(production=production)
    for name, value in facts.items():
        setattr(likeness, name, value)
    likeness.save()
    data = {name: value if isinstance(value, bool) else str(value or "") for name, value in facts.items()}
    record(verb, production_id=production.pk, subject=likeness, actor=actor, data=data, code=likeness.name[:80])
    return likeness


@transaction.atomic
def remove_consent(*, actor: Any, likeness: Likeness) -> None:
    """Strike a person from the list. Raises Conflict while a layer shows them."""
    policy.require(actor, Action.CONSENT, likeness.production)
    layer = likeness.layers.select_related("shot").first()
    if layer is not None:
        raise Conflict(_("%(name)s is on screen in %(code)s.") % {"name": likeness.name, "code": layer.shot.code})
    record(
        "consent.removed", production_id=likeness.production_id, subject=likeness, actor=actor, code=likeness.name[:80]
    )
    likeness.delete()


@transaction.atomic
def keep_location(
    *, actor: Any, production: Production, name: str, description: str = "", location: Location | None = None
) -> Location:
    policy.require(actor, Action.EDIT_SHOTS, production)
    verb = "location.changed" if location else "location.added"
    location = location or Location(production=production)
    location.name, location.description = name, description
    location.save()
    record(verb, production_id=production.pk, subject=location, actor=actor, code=name[:80])
    return location


@transaction.atomic
def remove_location(*, actor: Any, location: Location) -> None:
    """Scenes that played there keep their shots and lose the location."""
    policy.require(actor, Action.EDIT_SHOTS, location.production)
    record(
        "location.removed", production_id=location.production_id, subject=location, actor=actor, code=location.name[:80]
    )
    location.delete()
