"""Sentences that were stored, in the language of whoever reads them.

What failed is written down once, in the language of the process it happened in (a worker's, mostly English), and read
by people of several. A stored sentence is found again among the catalogue's own, with what filled its gaps.
"""

import re
from functools import lru_cache

import django.conf
from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation

from studio.core.engine_sentences import fill, pattern
from studio.core.extraction import PLACEHOLDER

# Short words are names as often as sentences: "Comp" may be somebody's file.
LEAST = {"latin": 7, "han": 3}
HAN = re.compile(r"[\u4e00-\u9fff]")


def weight(text: str) -> int:
    """How much of a text is words, not gaps: the fullest match is the right one."""
    bare = PLACEHOLDER.sub("", text)
    return len(re.findall(r"[a-zA-Z\u4e00-\u9fff]", bare))


def gaps(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


@lru_cache(maxsize=1)
def known() -> list[tuple[int, re.Pattern[str], str]]:
    """(weight, pattern, English text) of every sentence of the catalogues, in each language, fullest first."""
    texts: dict[str, str] = {}
    for language, _name in django.conf.settings.LANGUAGES:
        catalogue = translation(language)._catalog  # type: ignore[attr-defined]
        for source, said in catalogue.items():
            if isinstance(source, str) and isinstance(said, str) and source and "\x04" not in source:
                texts.setdefault(said, source)
                texts.setdefault(source, source)
    found = [
        (weight(text), pattern(text), source)
        for text, source in texts.items()
        if weight(text) >= LEAST["han" if HAN.search(text) else "latin"] and gaps(text) == gaps(source)
    ]
    return sorted(found, key=lambda one: -one[0])


def pieces(name: str) -> str:
    """A name put together as `EP01_SC01_SH010 · Background`: its pieces that are our words, in the active language."""
    parts = name.split(" · ")
    if len(parts) == 1:
        return name
    return " · ".join(_piece(part) for part in parts)


def _piece(part: str) -> str:
    if not part or (get_language() or "en").startswith("en"):
        return part
    lower = part[:1].lower() + part[1:]
    return next((said for text in (part, lower) if (said := gettext(text)) != text), part)


@lru_cache(maxsize=4096)
def source_of(text: str) -> tuple[str, dict[str, str]] | None:
    """The English text that `text` was made from, and what fills its gaps; None for what is none of our sentences."""
    if " " not in text and not HAN.search(text):  # a code or a file's name: spare it three thousand patterns
        return None
    for _weight, found, source in known():
        if match := found.fullmatch(text):
            return source, match.groupdict()
    return None


def reworded(stored: str) -> str:
    """`stored` in the active language if it is one of the studio's own sentences; else as it stands."""
    found = source_of(stored.strip())
    if found is None:
        return stored
    source, filled = found
    return fill(source if (get_language() or "en").startswith("en") else gettext(source), filled)
