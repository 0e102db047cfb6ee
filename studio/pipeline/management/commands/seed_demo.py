"""`manage.py seed_demo`: the demo production, made in under a minute."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from studio.core.errors import DomainError
from studio.pipeline.demo import data
from studio.pipeline.demo.seed import seed, seeded


class Command(BaseCommand):
    help = "Make the demo production: people, shots in every state, real comps. Does nothing where it stands already."

    def handle(self, *_args: Any, **_options: Any) -> None:
        standing = seeded()
        if standing is not None:
            self.stdout.write(
                _("“%(title)s” is here already, at /p/%(slug)s/. Nothing was changed.")
                % {"title": standing.title, "slug": standing.slug}
            )
            return
        if not data.FIXTURES.is_dir():
            raise CommandError(_("The demo's footage is missing (%(folder)s).") % {"folder": data.FIXTURES})
        try:
            seed(self._line)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
