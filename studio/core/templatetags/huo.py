"""Template tags of the house, loaded everywhere: frames, time, money, versions, pictures."""

from fractions import Fraction
from typing import Any

from django import forms, template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from studio.core.rewording import pieces, reworded
from studio.core.shotcodes import version_name

register = template.Library()

register.filter("version", version_name)
register.filter("reworded", reworded)
register.filter("pieces", pieces)

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "HKD": "HK$", "TWD": "NT$"}


@register.filter
def money(amount_minor: int | None, currency: str = "CNY") -> str:
    """Minor units as people read them: `money(1824000, "CNY")` is `¥ 18,240`. None: an en dash, never a zero."""
    if amount_minor is None:
        return "–"
    whole, rest = divmod(abs(amount_minor), 100)
    figure = f"{whole:,}" + (f".{rest:02d}" if rest else "")
    return f"{'−' if amount_minor < 0 else ''}{SIGNS.get(currency, currency)} {figure}"


@register.filter
def money_whole(amount_minor: int | None, currency: str = "CNY") -> str:
    """Money rounded to whole units, where people compare sums: `¥ 46,377`. Below ten units the cents stay: `¥ 0.06`."""
    if amount_minor is not None and abs(amount_minor) < 1000:
        return money(amount_minor, currency)
    return money(None if amount_minor is None else round(amount_minor / 100) * 100, currency)


@register.filter
def short(sha256: str) -> str:
    """A digest as people compare it: first four and last four characters."""
    return f"{sha256[:4]}…{sha256[-4:]}" if sha256 else "–"


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    return mapping.get(key, "")


@register.simple_tag
def bar(share_permille: float) -> SafeString:
    """A width for a bar, as a CSS custom property."""
    return SafeString(f"--share:{min(max(share_permille, 0), 1000) / 10:.1f}%")


@register.filter
def frame(index: int | None, production: Any) -> str:
    """A frame index (from 0) as people count it, from the production's start frame."""
    return "–" if index is None else str(index + production.start_frame)


@register.filter
def frame_range(frames: int, production: Any) -> str:
    """`1001–1048` for 48 frames."""
    return f"{production.start_frame}–{production.start_frame + frames - 1}" if frames else "–"


@register.filter
def seconds(frames: int | None, production: Any) -> str:
    """A length for a card: `3.2 s`. Rounded for reading; the frames are the truth."""
    if not frames:
        return "–"
    return f"{float(frames / Fraction(production.fps_num, production.fps_den)):.1f} s"


@register.filter
def clock(frames: int | None, production: Any) -> str:
    """A sum of lengths: `01:24`."""
    whole = round((frames or 0) / Fraction(production.fps_num, production.fps_den))
    return f"{whole // 60:02d}:{whole % 60:02d}"


@register.filter
def rate(production: Any) -> str:
    """Frames a second as film people write them: 23.976, 24, 29.97."""
    value = Fraction(production.fps_num, production.fps_den)
    return str(value) if value.denominator == 1 else f"{float(value):.3f}".rstrip("0")


@register.filter
def is_checkbox(field: Any) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.simple_tag
def page_strings() -> dict[str, str]:
    """What the scripts of every page may have to say."""
    return {
        "undo": _("Undo"),
        "yes": _("Yes"),
        "copied": _("Copied"),
        "failed": _("That did not work. Reload the page and try again."),
        "unreachable": _("The studio can't be reached. Check the connection and try again."),
        "offline": _("Not connected: reconnecting. What you see may be old."),
    }


@register.filter
def percent(permille: float) -> str:
    """`61 %`; a share that is there but small is never shown as nothing."""
    whole = round(permille / 10)
    return "< 1 %" if whole == 0 and permille > 0 else f"{whole} %"


@register.filter
def origin_word(origin: str) -> str:
    """The word beside an origin's colour."""
    words = {
        "captured": _("captured"),
        "generated": _("AI-generated"),
        "procedural": _("procedural"),
        "library": _("library"),
    }
    return words.get(origin, _("no route yet"))
