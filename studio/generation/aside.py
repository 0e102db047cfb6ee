"""The same management command once more, on a PostgreSQL and a Valkey of its own: for storms and benches, which must
not touch a running studio."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from modelhost import client
from studio.accounts.models import User
from studio.bootstrap.postgres import Postgres
from studio.bootstrap.process import Process
from studio.bootstrap.valkey import Valkey
from studio.generation import registry
from studio.generation.models import RegisteredModel


def again(command: str, arguments: list[str], **env: str) -> int:
    """The exit status of `manage.py command --inside arguments` on servers made for it, gone after it.

    Raises CommandError where its database can't be made.
    """
    folder = Path(tempfile.mkdtemp(prefix="huo-aside-"))
    folder.chmod(0o711)  # as root PostgreSQL runs as `nobody` and must get through
    (folder / "sockets").mkdir()
    servers: list[Process] = []
    try:
        for server in (
            Postgres(folder / "postgres", folder / "sockets", folder / "postgres.log"),
            Valkey(folder / "valkey", folder, folder / "valkey.log"),
        ):
            server.prepare()
            process = Process(server.program()).start()
            servers.append(process)
            server.wait(process)
            env["DATABASE_URL" if isinstance(server, Postgres) else "REDIS_URL"] = server.url
        whole = os.environ | {
            "HUO_HOME": str(folder / "home"), "HUO_LOG_LEVEL": "ERROR",
            "HUO_SECRET_KEY": f"aside-{random.getrandbits(64)}",
            "HUO_THREADS": os.environ.get("HUO_THREADS", "1"), **env,
        }  # fmt: skip
        manage = [sys.executable, str(settings.ROOT / "manage.py")]
        if subprocess.run([*manage, "migrate", "--verbosity", "0"], env=whole, check=False).returncode:
            raise CommandError("The command's own database could not be made.")
        return subprocess.run([*manage, command, "--inside", *arguments], env=whole, check=False).returncode
    finally:
        for process in reversed(servers):
            process.stop()
        shutil.rmtree(folder, ignore_errors=True)


def workflow(name: str, graph: dict[str, Any]) -> RegisteredModel:
    """A ComfyUI workflow, registered for these commands alone. Raises Invalid for one that is none."""
    person = User.objects.create_user(f"{name}@huo.local", None)
    return registry.add_workflow(approved_by=person, name=name, graph=graph, licence="as it is", source="the operator")


def tiny_model(name: str) -> RegisteredModel:
    """A real pipeline of toy size with random weights, built and registered: for these commands alone."""
    folder = registry.folder_of(name)
    if not folder.exists():
        subprocess.run([str(client.python()), "-m", "modelhost.tiny", str(folder)], check=True, cwd=settings.ROOT,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    person = User.objects.create_user(f"{name}@huo.local", None)
    return registry.add(approved_by=person, name=name, licence="MIT", source="built here", random_weights=True)
