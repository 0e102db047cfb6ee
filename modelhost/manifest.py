"""What a folder of weights may hold, and whether it is the folder that was approved. Standard library only.

A model is data, never code: safetensors, JSON and text alone, by name and by content. Every file is listed with its
SHA-256, none is extra, and the whole is checked before every load: transformers 5 loads a tokenizer whose vocabulary
was deleted without an error, and CVE-2025-32434, CVE-2026-4372 and CVE-2026-5241 run code out of pickles and "trusted"
folders in spite of the loaders' own switches.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compositing.errors import Refused
from modelhost import encoders, families

WEIGHTS = ".safetensors"
TEXTS = (".json", ".txt", ".md", ".jinja")
PIECES = ".model"  # a sentencepiece vocabulary
ALLOWED = (WEIGHTS, *TEXTS, PIECES)
BARE = ("license", "licence", "notice", "readme")
PICKLES = (
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".pkl",
    ".pickle",
    ".msgpack",
    ".h5",
    ".joblib",
    ".npy",
    ".npz",
    ".gguf",
    ".onnx",
)
CODE = (".py", ".pyc", ".so", ".dll", ".dylib", ".sh", ".exe", ".js", ".jar", ".whl")
PICKLE_STARTS = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"\x7fELF",
    b"MZ",
    b"#!",
)
LIBRARIES = ("diffusers", "transformers")
MOST_TEXT = 64 * 2**20
MOST_HEADER = 100 * 2**20  # what the safetensors library itself takes
CHUNK = 8 * 2**20


@dataclass(frozen=True)
class Manifest:
    """files: path below the folder -> sha256; size: bytes of all; sha256: over the canonical list, the model's name
    in recipes; class_name: what its index says it is; stamps: path -> what the file system says of it, to see a change
    after the check."""

    files: dict[str, str]
    size: int
    sha256: str
    kind: str
    class_name: str
    family: str
    stamps: dict[str, tuple[int, int, int, int]]


def digest_of(files: dict[str, str]) -> str:
    """The manifest's own name: sha256 over its canonical JSON."""
    text = json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> Manifest:
    """Look at every file of a model's folder and write down what is there.

    Raises Refused with a sentence for a folder that is missing, for a file that may run code or that is not what its
    name says, and for a pipeline that is not known here.
    """
    files: dict[str, str] = {}
    stamps: dict[str, tuple[int, int, int, int]] = {}
    size = 0
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        _refuse_name(name)
        stamps[name] = stamp_of(path)
        _refuse_content(path, name)
        files[name] = hash_file(path)
        size += path.stat().st_size
        if stamp_of(path) != stamps[name]:
            raise Refused(
                f"{name} changed while it was read. Wait until the copy is finished, then try again.",
                code="model_moving",
                name=name,
            )
    if not any(name.endswith(WEIGHTS) for name in files):
        raise Refused(
            f"{folder.name} holds no weights in safetensors form. Download the safetensors version of the model.",
            code="model_no_weights", name=folder.name,
        )  # fmt: skip
    kind, class_name, family = identify(folder, files)
    return Manifest(files, size, digest_of(files), kind, class_name, family, stamps)


def verify(folder: Path, wanted: dict[str, str]) -> Manifest:
    """The folder's manifest, if it is exactly `wanted` (path -> sha256). Raises Refused, naming what differs."""
    found = read(folder)
    lost = sorted(set(wanted) - set(found.files))
    extra = sorted(set(found.files) - set(wanted))
    changed = sorted(name for name in wanted.keys() & found.files.keys() if wanted[name] != found.files[name])
    if lost or extra or changed:
        words = [
            f"{word}: {_some(names)}"
            for word, names in (("missing", lost), ("not in its manifest", extra), ("changed", changed))
            if names
        ]
        raise Refused(
            f"The model {folder.name} is not the one that was approved ({'; '.join(words)}). "
            "Put the approved files back, or have the new ones approved.",
            code="model_changed", name=folder.name, what="; ".join(words),
        )  # fmt: skip
    return found


def unchanged(folder: Path, manifest: Manifest) -> bool:
    """Whether the file system still says of every file what it said at the check: asked again after the load."""
    try:
        return {path.relative_to(folder).as_posix(): stamp_of(path) for path in _files(folder)} == manifest.stamps
    except (OSError, Refused):
        return False


def stamp_of(path: Path) -> tuple[int, int, int, int]:
    seen = path.stat()
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def hash_file(path: Path) -> str:
    sha = hashlib.sha256()
    with path.open("rb", buffering=0) as handle:
        while block := handle.read(CHUNK):
            sha.update(block)
    return sha.hexdigest()


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _files(folder: Path) -> list[Path]:
    """Every regular file, in order. Raises Refused where there is no folder, a link or a special file."""
    if not folder.is_dir() or folder.is_symlink():
        raise Refused(
            f"There is no model folder {folder.name} here. Copy the model into the models folder of the data folder.",
            code="model_missing", name=folder.name,
        )  # fmt: skip
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(where) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise Refused(
                    f"{path.relative_to(folder)} is a link or a special file. A model's folder holds plain files only: "
                    "copy the file itself.",
                    code="model_link", name=str(path.relative_to(folder)),
                )  # fmt: skip
            if stat.S_ISREG(mode):
                found.append(path)
    return sorted(found)


def _refuse_name(name: str) -> None:
    suffix, base = Path(name).suffix.lower(), Path(name).name.lower()
    if suffix in CODE:
        raise Refused(
            f"{name} is program code. Models here are data only: remove it, or use a model that needs no such code.",
            code="model_code", name=name,
        )  # fmt: skip
    if suffix in PICKLES:
        raise Refused(
            f"{name} is not in safetensors form, and such files can run code when they are loaded. "
            "Remove it, or take the safetensors version of the model.",
            code="model_pickle", name=name,
        )  # fmt: skip
    if suffix not in ALLOWED and not (base.startswith(BARE) and not suffix):
        raise Refused(
            f"{name} is of no kind that a model needs. Remove it from the model's folder.",
            code="model_extra", name=name,
        )  # fmt: skip


def _refuse_content(path: Path, name: str) -> None:
    """A file that is not what its name says is refused, however harmless its name."""
    with path.open("rb") as handle:
        start = handle.read(8)
    if Path(name).suffix.lower() == WEIGHTS:
        safetensors_header(path, name)
        return
    if start.startswith(PICKLE_STARTS):
        raise Refused(
            f"{name} holds a pickle, an archive or a program under a harmless name. Do not use this model.",
            code="model_disguised", name=name,
        )  # fmt: skip
    if Path(name).suffix.lower() == PIECES:
        return
    size = path.stat().st_size
    if size > MOST_TEXT:
        raise Refused(
            f"{name} is far larger than a text of a model is. Do not use this model.", code="model_text_size", name=name
        )
    try:
        text = path.read_text(encoding="utf-8")
        told = json.loads(text) if name.lower().endswith(".json") else None
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"{name} is damaged: it cannot be read as text. Download it again.", code="model_text", name=name
        ) from error
    if _names_code(told):
        raise Refused(
            f"{name} asks for program code of the model's own (auto_map). Models that bring code are not loaded here.",
            code="model_remote_code", name=name,
        )  # fmt: skip


def _names_code(told: Any) -> bool:
    """Whether a configuration names code to import: "auto_map", "custom_pipelines", or a module path as its library."""
    if isinstance(told, dict):
        if told.keys() & {"auto_map", "custom_pipelines", "custom_pipeline", "trust_remote_code"}:
            return True
        return any(_names_code(value) for value in told.values())
    return isinstance(told, list) and any(_names_code(value) for value in told)


def safetensors_header(path: Path, name: str = "") -> dict[str, Any]:
    """The header of a safetensors file: tensor name -> dtype, shape, offsets. Raises Refused where it is not one.

    Source: the format's own rules; 8 bytes of length, JSON, then data that the offsets cover without a gap.
    """
    name = name or path.name
    wrong = Refused(
        f"{name} is called safetensors and is not. Download it again; if it stays so, do not use this model.",
        code="model_not_safetensors", name=name,
    )  # fmt: skip
    size = path.stat().st_size
    with path.open("rb") as handle:
        first = handle.read(8)
        if len(first) < 8:
            raise wrong
        (length,) = struct.unpack("<Q", first)
        if not 2 <= length <= min(MOST_HEADER, size - 8):
            raise wrong
        try:
            header = json.loads(handle.read(length))
        except ValueError as error:
            raise wrong from error
    if not isinstance(header, dict):
        raise wrong
    try:
        spans = sorted(tuple(part["data_offsets"]) for key, part in header.items() if key != "__metadata__")
    except (KeyError, TypeError) as error:
        raise wrong from error
    end = 0
    for begin, until in spans:
        if begin != end or until < begin:
            raise wrong
        end = until
    if end != size - 8 - length:
        raise wrong
    return header


def identify(folder: Path, files: dict[str, str]) -> tuple[str, str, str]:
    """(kind, class name, family) of a folder whose files were looked at. Raises Refused for what is not known here."""
    if "model_index.json" in files:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        class_name = str(index.get("_class_name", ""))
        family = families.family_of(class_name)
        if family is None:
            raise Refused(
                f"{folder.name} is a {class_name or 'pipeline without a name'}, which this studio does not draw with. "
                f"Known: {', '.join(families.FAMILIES)}.",
                code="model_unknown", name=folder.name, kind=class_name,
            )  # fmt: skip
        _check_index(folder, index, files)
        return families.PIPELINE, class_name, family.name
    if "config.json" in files:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        class_name = str(told.get("_class_name", ""))
        fits = families.controlled_by(class_name)
        if fits:
            return families.CONTROLNET, class_name, fits[0]
        class_name = str((told.get("architectures") or [""])[0])
        encoder = encoders.encoder_of(class_name)
        if encoder is not None:
            return families.ENCODER, class_name, encoder.name
    weights = [name for name in files if name.endswith(WEIGHTS)]
    if len(weights) == 1 and "/" not in weights[0] and "config.json" not in files:
        names = safetensors_header(folder / weights[0]).keys()
        if any("lora" in name.lower() for name in names):
            return families.LORA, "", ""
    raise Refused(
        f"{folder.name} is neither a pipeline (it has no model_index.json), nor a ControlNet, a LoRA, CLIP or DINO. "
        "Use the diffusers form of the model, with all its folders.",
        code="model_form", name=folder.name,
    )  # fmt: skip


def _check_index(folder: Path, index: dict[str, Any], files: dict[str, str]) -> None:
    """Every part of a pipeline comes from diffusers or transformers, is a folder here, and has its configuration."""
    for part, told in index.items():
        if part.startswith("_") or not isinstance(told, list) or told == [None, None]:
            continue
        library = told[0] if told else None
        if len(told) != 2 or library not in (*LIBRARIES, None):
            raise Refused(
                f"The part {part} of {folder.name} wants code from “{library}”. "
                "Only diffusers and transformers are used here.",
                code="model_library", name=folder.name, part=part, library=str(library),
            )  # fmt: skip
        if library and not any(name.startswith(f"{part}/") for name in files):
            raise Refused(
                f"The part {part} of {folder.name} is missing. Download the whole model.",
                code="model_part", name=folder.name, part=part,
            )  # fmt: skip
