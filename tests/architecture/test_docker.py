"""The images are not built here (no registry can be reached); their files are held to schema and linters."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import crossplane
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKER = ROOT / "docker"
TOOLS = Path(sys.executable).parent


def tool(name: str) -> str:
    found = shutil.which(name, path=str(TOOLS))
    assert found, f"{name} is not installed: run ./test, which installs the dev extra"
    return found


def test_compose_files_follow_the_compose_specification() -> None:
    files = [str(path) for path in DOCKER.glob("compose*.yaml")]
    assert files
    checked = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", ["web.Dockerfile", "worker.Dockerfile"])
def test_images_pass_the_linter(name: str) -> None:
    checked = subprocess.run([tool("hadolint"), str(DOCKER / name)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def nginx() -> dict[str, list[dict[str, Any]]]:
    """The server's locations, name -> directives."""
    parsed = crossplane.parse(str(DOCKER / "nginx.conf"), single=True, strict=True, comments=False)
    # Inside `map` the first word of a line is a value, which crossplane takes for a directive.
    errors = [error for error in parsed["errors"] if not re.search(r'unknown directive "(default)?"', error["error"])]
    assert errors == []
    config = parsed["config"][0]["parsed"]
    http = next(directive for directive in config if directive["directive"] == "http")["block"]
    server = next(directive for directive in http if directive["directive"] == "server")["block"]
    return {" ".join(block["args"]): block["block"] for block in server if block["directive"] == "location"}


def values(block: list[dict[str, Any]], name: str) -> list[list[str]]:
    return [directive["args"] for directive in block if directive["directive"] == name]


def test_nginx_hands_media_out_only_when_the_studio_says_so() -> None:
    media = nginx()["/_media/"]
    assert values(media, "internal") == [[]]
    assert values(media, "alias") == [["/data/media/"]]


def test_nginx_passes_sockets_on_and_uploads_unbuffered() -> None:
    locations = nginx()
    assert ["Upgrade", "$http_upgrade"] in values(locations["/ws/"], "proxy_set_header")
    assert values(locations["/ingest/"], "client_max_body_size") == [["0"]]
    assert values(locations["/ingest/"], "proxy_request_buffering") == [["off"]]


def test_nginx_and_compose_agree_on_names() -> None:
    compose = (DOCKER / "compose.yaml").read_text()
    for name in ("web", "ingest"):
        assert f"\n  {name}:\n" in compose
    assert "HUO_ACCEL_PREFIX: /_media\n" in compose
    assert "HUO_INGEST_URL: ${HUO_BASE_URL}/ingest\n" in compose
