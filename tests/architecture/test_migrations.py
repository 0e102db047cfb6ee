"""Models and migrations say the same."""

import io

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration() -> None:
    told = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=told)
    except (SystemExit, CommandError) as error:
        raise AssertionError(f"run manage.py makemigrations: {told.getvalue()}") from error
