"""`manage.py verify_release FILE`: is this one of ours, whole, and what do the books say of it?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from studio.releases.handlers import examine_file
from studio.releases.sentences import finding_worded


class Command(BaseCommand):
    help = "Hold a film against the books: sha256, manifest, AIGC key, label, frames, signatures. Exit 1 on a mismatch."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the film, wherever it lies")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"]).expanduser().resolve()
        if not path.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": path})
        rows = [finding_worded(one.plain()) for one in examine_file(path)]
        bad = [row for row in rows if not row["good"]]
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(path), "good": not bad, "findings": rows}, ensure_ascii=False))
        else:
            for row in rows:
                mark = self.style.SUCCESS("ok  ") if row["good"] else self.style.ERROR("NOT ")
                self.stdout.write(f"{mark}{row['sentence']}")
        if bad:
            words = _("%(name)s does not agree with the books: %(first)s")
            raise CommandError(words % {"name": path.name, "first": bad[0]["sentence"]})
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS(_("%(name)s is what the books say it is.") % {"name": path.name}))
