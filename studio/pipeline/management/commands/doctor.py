"""`manage.py doctor`: what is missing on this machine, what that means, what to do."""

from typing import Any

from django.core.management.base import BaseCommand

from studio.pipeline.doctor import examine

SIGNS = {"ok": "ok     ", "lacking": "lacking", "broken": "BROKEN "}


class Command(BaseCommand):
    help = "Say what is missing on this machine (models, GPU, codecs, fonts, disk, certificate) and what that means."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        broken = []
        for finding in examine():
            self.stdout.write(f"{SIGNS[finding.state]}  {finding.about}: {finding.found}")
            for text in (finding.means, finding.remedy):
                for line in text.splitlines():
                    self.stdout.write(f"           {line[0].upper()}{line[1:].rstrip('.')}.")
            if finding.state == "broken":
                broken.append(finding.about)
        if broken:
            self.stderr.write(f"Broken: {', '.join(broken)}.")
            raise SystemExit(1)
