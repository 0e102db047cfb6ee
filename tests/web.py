"""The web process of the studio over the test database, for tests that look through a browser."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.running import ROOT, free_port


class Web:
    """granian with the studio's ASGI application, on a port of its own. Use as a context manager, with a transactional
    database (another process sees only what is committed)."""

    def __init__(self) -> None:
        self.port = free_port()
        self.env = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "HUO_HOME": str(settings.HOME),
            "HUO_PORT": str(self.port),
            "HUO_INGEST_PORT": str(self.port + 1),
            "DJANGO_SETTINGS_MODULE": "studio.config.settings",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Web":
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asginl",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            [*command, "--workers", "1", "studio.config.asgi:application"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url + "/accounts/login/", timeout=5).close()
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                assert self.process.poll() is None, "the web process ended"
                time.sleep(0.1)
        raise AssertionError("the web process did not answer")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def database_url() -> str:
    """The test database, as another process names it."""
    given = connection.settings_dict
    host = str(given["OPTIONS"].get("host") or given["HOST"])
    name, user, password = (str(given[key]) for key in ("NAME", "USER", "PASSWORD"))
    if host.startswith("/"):
        return f"postgresql:///{name}?host={quote(host)}" + (f"&user={user}" if user else "")
    return f"postgresql://{user}:{quote(password)}@{host}:{given['PORT'] or 5432}/{name}"
