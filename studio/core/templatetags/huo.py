"""Template tags of the house: frames, money, versions, states."""

from django import template
from django.utils.safestring import SafeString

from studio.core.shotcodes import version_name

register = template.Library()

register.filter("version", version_name)


@register.filter
def money(amount_minor: int | None, currency: str = "CNY") -> str:
    """Minor units as people read them: `money(1824000, "CNY")` is `¥ 18,240`. None: an en dash, never a zero."""
    if amount_minor is None:
        return "–"
    sign = {"CNY": "¥", "USD": "$", "EUR": "€"}.get(currency, currency)
    whole, rest = divmod(abs(amount_minor), 100)
    figure = f"{whole:,}" + (f".{rest:02d}" if rest else "")
    return f"{'−' if amount_minor < 0 else ''}{sign} {figure}"


@register.filter
def short(sha256: str) -> str:
    """A digest as people compare it: first four and last four characters."""
    return f"{sha256[:4]}…{sha256[-4:]}" if sha256 else "–"


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    return mapping.get(key, "")


@register.simple_tag
def bar(share_permille: int) -> SafeString:
    """A width for a bar, as a CSS custom property."""
    return SafeString(f"--share:{share_permille / 10:.1f}%")
