"""`manage.py issue_token USER`: a bearer token for scripts, printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.accounts.models import User
from studio.accounts.services import issue_token
from studio.core.errors import DomainError


class Command(BaseCommand):
    help = "Make an API token for a person (by e-mail address) and print its secret once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="e-mail address")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, default=0, help="how long it works; 0: until revoked")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["user"].lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['user']}. Use the e-mail address of an active account.")
        try:
            _token, secret = issue_token(user=user, name=options["name"], days=options["days"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
