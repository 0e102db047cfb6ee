#!/usr/bin/env python
"""The studio's command line."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from studio.bootstrap.home import addresses

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.config.settings")
    # Beside a running ./run, the command talks to the same servers without being told where they are.
    for name, value in addresses(Path(os.environ.get("HUO_HOME") or Path(__file__).parent / ".data")).items():
        os.environ.setdefault(name, value)
    execute_from_command_line(sys.argv)
