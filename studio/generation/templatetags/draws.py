"""How pages say how long a draw takes."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def took(milli: int | None) -> str:
    """Milliseconds as people read them: `0.8 s`, `12 s`, `3 min 20 s`. None: an en dash."""
    if milli is None:
        return "–"
    if milli < 9_950:
        return _("%(s)s s") % {"s": f"{max(milli, 50) / 1000:.1f}"}
    minutes, seconds = divmod(round(milli / 1000), 60)
    return _("%(min)s min %(s)s s") % {"min": minutes, "s": seconds} if minutes else _("%(s)s s") % {"s": seconds}


@register.filter
def thousandths(milli: int) -> str:
    """Thousandths as people read them: 7500 is 7.5."""
    return f"{milli / 1000:g}"
