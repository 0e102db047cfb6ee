"""What this machine lacks, and what that means for the work. Nothing here changes anything."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from compositing import sandbox
from compositing.errors import EngineError
from compositing.hints import models as hints
from studio.generation import registry
from studio.generation.models import RegisteredModel

GIGABYTE = 2**30
LITTLE_ROOM = 20 * GIGABYTE  # an episode of footage, proxies and versions takes about this much
INSTALL = "Start with ./run --worker, which installs torch and diffusers into .venv-worker and draws on each GPU"
BLIND = "torch came without CUDA: the GPU is not used, and learned models draw on the CPU, hundreds of times slower"
SEEING = (
    "Delete .venv-worker, let pip reach a package index that has torch with CUDA (PyPI has), and start with "
    "./run --worker again"
)
WORKER_PYTHON = settings.ROOT / ".venv-worker" / "bin" / "python"


@dataclass(frozen=True)
class Finding:
    """One line of the report. state: ok; lacking (work goes on without it); broken (work stops)."""

    about: str
    state: str
    found: str
    means: str = ""
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, the quick ones first."""
    yield python()
    yield disk()
    yield database()
    yield queue()
    yield web()
    yield ingest()
    yield from engine()
    yield gpu()
    yield models()
    yield person_hint()
    yield certificate()
    yield https()


def python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", "ok", f"{version} in {sys.prefix}")


def disk() -> Finding:
    folder = Path(settings.HOME)
    if not folder.exists():
        return Finding(
            "disk", "broken", f"no data folder {folder}", "nothing can be kept", "Start ./run, which makes it."
        )
    free = shutil.disk_usage(folder).free
    found = f"{free / GIGABYTE:.1f} GB free for {folder}"
    if free > LITTLE_ROOM:
        return Finding("disk", "ok", found)
    means = "uploads larger than that are refused, and long renders may fail"
    return Finding("disk", "lacking", found, means, "Free some space, or move the data folder and start with --home.")


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            version = cursor.fetchone()[0]
            cursor.execute("select pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        waiting = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    except Exception as error:  # any driver error means the same here
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return Finding(
            "database", "broken", f"not reached ({reason})", "nothing works", "Start ./run, or correct DATABASE_URL."
        )
    found = f"PostgreSQL {version}, {size / 2**20:.0f} MB"
    if waiting:
        return Finding(
            "database", "broken", f"{found}, {len(waiting)} migrations to do", "pages fail", "Run manage.py migrate."
        )
    return Finding("database", "ok", found)


def queue() -> Finding:
    try:
        cache.set("doctor", "here", 5)
        good = cache.get("doctor") == "here"
    except Exception as error:
        return Finding(
            "queue",
            "broken",
            f"not reached ({error})",
            "jobs wait for the sweeper, pages do not renew themselves, previews are not kept",
            "Start ./run, or correct REDIS_URL.",
        )
    return Finding(
        "queue", "ok" if good else "broken", "Valkey or Redis answers" if good else "forgets what it was told"
    )


def web() -> Finding:
    where = f"http://127.0.0.1:{settings.PORT}/"
    if answers(where):
        return Finding("web process", "ok", f"answers at {where}")
    return Finding("web process", "lacking", f"silent at {where}", "no pages", "Start ./run.")


def ingest() -> Finding:
    where = f"http://127.0.0.1:{settings.INGEST_PORT}/"
    if answers(where, "OPTIONS"):
        return Finding("upload ingest", "ok", f"answers at {where}")
    return Finding("upload ingest", "lacking", f"silent at {where}", "nothing can be uploaded", "Start ./run.")


def answers(where: str, method: str = "GET") -> bool:
    try:
        urllib.request.urlopen(urllib.request.Request(where, method=method), timeout=5).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def engine() -> Iterator[Finding]:
    """Codecs, the label's font and the sandbox, asked in a child: media libraries never load here."""
    try:
        told = sandbox.run("machine", {})
        confined = sandbox.confinement()
    except EngineError as error:
        yield Finding(
            "picture engine", "broken", str(error), "no probe, proxy, comp or master", "Run ./run --setup-only."
        )
        return
    lacking = sorted({*told["missing_decoders"], *told["missing_encoders"]})
    if lacking:
        yield Finding(
            "codecs",
            "lacking",
            f"FFmpeg {told['ffmpeg']} without {', '.join(lacking)}",
            "footage in these formats is refused, or these files cannot be made",
            "Install the av package of pyproject.toml: ./run --setup-only.",
        )
    else:
        yield Finding("codecs", "ok", f"FFmpeg (libavcodec {told['ffmpeg']}) reads and writes all the studio needs")
    if told["font"]:
        yield Finding("fonts", "ok", "Noto Sans SC for burned labels")
    else:
        means = "no label can be burned, so no release with AI-made layers can be sealed"
        yield Finding("fonts", "broken", "no Chinese font", means, "Run ./run --setup-only.")
    if confined.get("network") == "cut":
        yield Finding("sandbox", "ok", "children that open strangers' files have limits and no network")
    else:
        means = "a hostile file could call out if it broke a decoder (limits on memory and time still hold)"
        yield Finding(
            "sandbox", "lacking", "children keep the network", means, "Run on Linux with user namespaces allowed."
        )


def gpu() -> Finding:
    if shutil.which("nvidia-smi"):
        asked = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0 and asked.stdout.strip():
            return Finding("GPU", "ok", "; ".join(asked.stdout.strip().splitlines()))
    return Finding(
        "GPU", "lacking", "none found", "keying and rendering run on the CPU; learned models draw there too, too "
        "slowly for all but toys",
    )  # fmt: skip


def libraries() -> str:
    """The model libraries of the workers' own environment, in words; empty without them."""
    if not WORKER_PYTHON.exists():
        return ""
    code = "import json, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in ('torch', 'diffusers')}))"
    asked = subprocess.run([str(WORKER_PYTHON), "-c", code], capture_output=True, text=True, check=False)
    if asked.returncode:
        return ""
    return ", ".join(f"{name} {version}" for name, version in json.loads(asked.stdout).items())


def blind(found: str) -> bool:
    """Whether there is a GPU that the libraries can't use: torch came without CUDA."""
    return "+cpu" in found and gpu().state == "ok"


def manage() -> str:
    """manage.py as it is called from the project's folder, for this very data folder."""
    home = os.environ.get("HUO_HOME")
    return f"{f'HUO_HOME={home} ' if home else ''}.venv/bin/python manage.py"


def models() -> Finding:
    """What can be drawn with learned models here, and the very steps to the first one."""
    found = libraries()
    try:
        rows = list(RegisteredModel.objects.order_by("name"))
        folders = registry.found_folders()
    except Error:
        rows, folders = [], []
    if rows:
        changed = [row.name for row in rows if row.state != "verified"]
        drawn = [row for row in rows if row.kind != "encoder"]  # CLIP and DINO compare; nothing of them is released
        unclear = [row.name for row in drawn if row.commercial != "yes" or row.random_weights]
        said = ", ".join(f"{row.name} ({row.family or row.kind}, {row.licence})" for row in rows)
        if changed:
            means = f"{', '.join(changed)} cannot be drawn with: the files are not those that were approved"
            return Finding("models", "broken", said, means, f"Run {manage()} models verify {' '.join(changed)}.")
        if not found:
            return Finding("models", "lacking", f"{said}; no libraries for them", "draws wait", INSTALL)
        means = f"a commercial release is blocked by draws of {', '.join(unclear)}" if unclear else ""
        if blind(found):
            return Finding("models", "lacking", f"{said}; {found}", BLIND, SEEING)
        return Finding("models", "ok", f"{said}; {found}", means)
    means = "layers are drawn by rule or uploaded from elsewhere, not generated by a model"
    steps = [f"1. {SEEING}"] if blind(found) else [] if found else [f"1. {INSTALL}"]
    steps += [
        f"{len(steps) + 1}. Choose a model whose licence allows commercial use wherever the film is shown: "
        "Z-Image-Turbo, Qwen-Image (the first), FLUX.1-schnell, FLUX.2 klein 4B and Wan came under Apache-2.0, SDXL "
        "base under OpenRAIL++-M (read the text that comes with the files; docs/guides/models.md has more). A "
        "non-commercial one blocks the release",
        f"{len(steps) + 2}. Copy its folder (the diffusers form with model_index.json, weights as .safetensors) to "
        f"{registry.home() / (folders[0] if folders else 'NAME')}",
        f"{len(steps) + 3}. {manage()} models add {folders[0] if folders else 'NAME'} --licence Apache-2.0 "
        "--commercial yes --source 'ADDRESS, DAY' --approved-by YOU@EXAMPLE.COM "
        "(with --forbidden-in EU GB KR and the like where the licence says so)",
        f"{len(steps) + 4}. To try the way without a download: .venv-worker/bin/python -m modelhost.tiny "
        f"{registry.home() / 'tiny-sdxl'} --family sdxl, then {manage()} models add tiny-sdxl --random-weights "
        "--licence MIT --source 'made here' --approved-by YOU@EXAMPLE.COM; what it draws can never be released",
    ]
    return Finding("models", "lacking", f"none; {found or 'no libraries for them'}", means, "\n".join(steps))


def person_hint() -> Finding:
    """The segmenter that helps the key and mattes footage without a screen; see compositing/hints/models.py."""
    path = hints.installed()
    if path is not None:
        return Finding("person hint", "ok", f"MediaPipe selfie segmentation in {path.parent}")
    return Finding(
        "person hint",
        "lacking",
        "not installed",
        "keys get no help from it, footage without a screen cannot be matted, recipes that name it are refused",
        "Run python -m compositing hints install (one pinned package, checked, 250 kB kept).",
    )


def certificate() -> Finding:
    """What signs the manifests of masters (compositing/io/provenance.py makes it and names the files)."""
    folder = Path(settings.KEY_HOME) / "c2pa"
    path = folder / "c2pa_chain.pem"
    if not path.exists():
        return Finding("certificate", "lacking", "none yet", "one is made when the first master is signed")
    signer = x509.load_pem_x509_certificates(path.read_bytes())[0]
    ends = signer.not_valid_after_utc
    found = f"{path.name}, until {ends:%Y-%m-%d}"
    if ends < datetime.now(UTC):
        means, remedy = "new masters cannot be signed", f"Put a valid one in its place, or move {folder} away."
        return Finding("certificate", "broken", f"{path.name} ended on {ends:%Y-%m-%d}", means, remedy)
    organisations = [name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) for name in (signer.subject, signer.issuer)]
    if organisations[0] != organisations[1]:
        return Finding("certificate", "ok", found)
    return Finding(
        "certificate",
        "lacking",
        f"{found}, made by this server",
        "manifests validate only where this studio's own root is trusted",
        f"Put key, chain and root from an authority on the C2PA trust list into {folder}, under the same names.",
    )


def https() -> Finding:
    if settings.SESSION_COOKIE_SECURE:
        return Finding("HTTPS", "ok", "cookies are sent over HTTPS only")
    return Finding(
        "HTTPS",
        "lacking",
        "off",
        "sign-ins and footage cross the network readable; fine on this machine alone",
        "Put a proxy with a certificate in front and set HUO_HTTPS=true (docker/ shows how).",
    )
