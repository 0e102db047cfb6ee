"""`manage.py bench start`: how long `./run` takes from nothing and from yesterday's data, to the first HTTP answer."""

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.bootstrap import ports

LONGEST_S = 900


class Command(BaseCommand):
    help = "Measure how long a first and a second start of ./run take until a page is served."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["start"], help="what to measure")
        parser.add_argument("--repeat", type=int, default=3, help="second starts to measure")
        parser.add_argument(
            "--demo", action=argparse.BooleanOptionalAction, default=True, help="with the demo or empty"
        )

    def handle(self, *_args: Any, repeat: int, demo: bool, **_options: Any) -> None:
        place = Path(tempfile.mkdtemp(prefix="huo-bench-"))
        place.chmod(0o711)  # as root another user runs PostgreSQL
        try:
            extra = [] if demo else ["--no-demo"]
            first = measure(place / "data", extra)
            seconds = [measure(place / "data", extra) for _ in range(repeat)]
        finally:
            shutil.rmtree(place, ignore_errors=True)
        with_demo = "with the demo production" if demo else "empty"
        self.stdout.write(f"first start, parts installed, {with_demo}: {first:.1f} s to the first HTTP answer")
        self.stdout.write(
            f"second start: {sorted(seconds)[len(seconds) // 2]:.2f} s "
            f"(median of {len(seconds)}: {', '.join(f'{value:.2f}' for value in seconds)})"
        )


def measure(home: Path, extra: list[str]) -> float:
    """Seconds from starting ./run to the first page; the studio is stopped again before this returns."""
    port = ports.free_pair("127.0.0.1", 18000)
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    command = [str(settings.ROOT / "run"), "--home", str(home), "--port", str(port), *extra]
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=env, start_new_session=True
        )
        try:
            while not answers(port):
                if run.poll() is not None or time.monotonic() - began > LONGEST_S:
                    said.seek(0)
                    raise CommandError(f"./run did not come up:\n{said.read().decode(errors='replace')}")
                time.sleep(0.01)
            taken = time.monotonic() - began
        finally:
            if run.poll() is None:
                run.send_signal(signal.SIGINT)
                run.wait(60)
    return taken


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True
