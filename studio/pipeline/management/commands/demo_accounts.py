"""`manage.py demo_accounts`: who can sign in to the demo, as which role."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from studio.accounts.demo import DOMAIN
from studio.pipeline.demo import data
from studio.productions.models import Membership


class Command(BaseCommand):
    help = "Print one sign-in per role of the demo production."

    def handle(self, *_args: Any, **_options: Any) -> None:
        rows = Membership.objects.filter(production__slug=data.SLUG, user__email__endswith=f"@{DOMAIN}")
        rows = rows.select_related("user").order_by("created_at")
        seen: set[str] = set()
        for row in rows:
            if row.role not in seen:
                seen.add(row.role)
                self.stdout.write(f"{row.get_role_display():18} {row.user.email}")
        if seen:
            self.stdout.write(_("Password for each: %(password)s") % {"password": data.PASSWORD})
        else:
            self.stdout.write(_("There is no demo production here. `manage.py seed_demo` makes one."))
