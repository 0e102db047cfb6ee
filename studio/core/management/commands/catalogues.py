"""`manage.py catalogues`: read every marked string into the catalogues and compile them. Needs no GNU gettext."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.core import extraction

try:
    import polib
except ImportError:  # part of the dev extra
    polib = None

PLURALS = {"en": "nplurals=2; plural=(n != 1);", "zh_Hans": "nplurals=1; plural=0;"}


class Command(BaseCommand):
    help = "Bring studio/locale up to date with the marked strings, and compile it. Says what waits for a translator."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        if polib is None:
            raise CommandError('The catalogues are kept with polib. Install it: .venv/bin/pip install -e ".[dev]"')
        waiting = 0
        for language, plurals in PLURALS.items():
            path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
            fresh = refreshed(path, plurals, copy=language == "en")
            missing = [entry for entry in fresh if not entry.translated()]
            waiting += len(missing)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh.save(str(path))
                fresh.save_as_mofile(str(path.with_suffix(".mo")))
            self.stdout.write(f"{language}: {len(fresh)} strings, {len(missing)} to translate")
            for entry in missing:
                self.stdout.write(f"  {entry.msgid!r}")
        if waiting and options["check"]:
            raise CommandError(f"{waiting} strings wait for a translator. Fill them in studio/locale, then compile.")


def refreshed(path: Path, plurals: str, *, copy: bool) -> "polib.POFile":
    """The catalogue at `path` with every marked string and no other; what was translated stays. `copy`: English."""
    old = polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile()
    kept = {(entry.msgctxt or "", entry.msgid): entry for entry in old}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = {
        "Project-Id-Version": "huo-studio",
        "Language": path.parent.parent.name,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plurals,
    }
    entries: dict[tuple[str, str], polib.POEntry] = {}
    for mark in extraction.marked(Path(settings.ROOT)):
        entry = entries.get(mark.key)
        if entry is None:
            entry = entries[mark.key] = polib.POEntry(msgid=mark.text, msgctxt=mark.context or None)
            if extraction.PLACEHOLDER.search(mark.text + mark.plural):
                entry.flags.append("python-format")
        entry.msgid_plural = entry.msgid_plural or mark.plural
        if (mark.file, "") not in entry.occurrences:
            entry.occurrences.append((mark.file, ""))
    for key in sorted(entries, key=lambda key: (entries[key].occurrences[0][0], key)):
        entry, before = entries[key], kept.get(key)
        before = before if before is not None and not before.fuzzy else None
        if entry.msgid_plural:
            forms = [entry.msgid, entry.msgid_plural] if copy else [""]
            was = before.msgstr_plural if before is not None and not copy else {}
            entry.msgstr_plural = {at: was.get(at, form) for at, form in enumerate(forms)}
            if before is not None and not copy and not was and before.msgstr:
                entry.msgstr_plural = {0: before.msgstr}
        else:
            entry.msgstr = entry.msgid if copy else before.msgstr if before is not None else ""
        fresh.append(entry)
    return fresh
