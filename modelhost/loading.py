"""Pipelines in memory: loaded only from folders that were checked just now, kept warm, the longest unused given up.

A folder is verified against the manifest that the studio approved before every load, and looked at again after it. No
network, no code of the model's own, safetensors alone.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from numpy.typing import NDArray

from compositing.errors import Refused
from modelhost import encoders, families, manifest, preview

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

SHARE = 0.85  # of the device's memory that weights may fill; the rest is for what a draw needs on top
# On a CPU the memory is everybody's: weights take at most this share of it.
CPU_SHARE = 0.5


@dataclass(frozen=True)
class Folder:
    """A registered model: where it lies, and the manifest that was approved (path -> sha256)."""

    path: Path
    files: dict[str, str]


@dataclass
class Loaded:
    """One pipeline (or ControlNet) in memory. colours: its preview map; scheduler: as the folder has it."""

    what: Any
    key: str
    size: int
    colours: NDArray | None = None
    scheduler: Any = None
    load_s: float = 0.0
    moved: str = "none"  # how it stands on the device: none (whole), model, sequential
    children: dict[str, Any] = field(default_factory=dict)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fingerprint(dtype: str) -> dict[str, Any]:
    """What the bytes of a draw depend on beside its recipe."""
    at = device()
    told: dict[str, Any] = {
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "device": at.type,
        "threads": torch.get_num_threads(),
        "dtype": dtype,
    }
    if at.type == "cuda":
        told |= {"device_name": torch.cuda.get_device_name(at), "cuda": torch.version.cuda}
    else:
        told["device_name"] = torch.backends.cpu.get_cpu_capability()
    return told


def settle(threads: int = 0) -> None:
    """Make this process repeat itself: a fixed number of threads, deterministic kernels where there are any."""
    torch.set_num_threads(threads or os.cpu_count() or 1)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)


class Shelf:
    """Warm models, at most `budget` bytes of them; the longest unused leaves first."""

    def __init__(self, budget: int | None = None) -> None:
        self.budget = budget if budget is not None else _room()
        self.loaded: OrderedDict[str, Loaded] = OrderedDict()

    @property
    def size(self) -> int:
        return sum(one.size for one in self.loaded.values())

    def pipeline(self, sha256: str, folder: Folder, dtype: str) -> Loaded:
        """The pipeline of a folder, from memory or from disk. Raises Refused for a folder that is not the approved."""
        key = f"{sha256}:{dtype}"
        if key in self.loaded:
            self.loaded.move_to_end(key)
            return self.loaded[key]
        began = time.monotonic()
        found = self._checked(sha256, folder)
        self._make_room(_loaded_size(folder, dtype))
        cls = getattr(diffusers, found.class_name)
        pipe = cls.from_pretrained(folder.path, torch_dtype=getattr(torch, dtype), variant=_variant(found), **_safely())
        self._same(folder, found)
        pipe.set_progress_bar_config(disable=True)
        one = Loaded(pipe, key, _weight(pipe.components.values()), scheduler=pipe.scheduler)
        if getattr(pipe, "vae", None) is not None:
            one.colours = preview.fit(pipe.vae, families.FAMILIES[found.family].multiple)
        one.load_s = time.monotonic() - began
        self.loaded[key] = one
        return one

    def controlnet(self, sha256: str, folder: Folder, dtype: str) -> Any:
        key = f"{sha256}:{dtype}"
        if key in self.loaded:
            self.loaded.move_to_end(key)
            return self.loaded[key].what
        found = self._checked(sha256, folder)
        self._make_room(_loaded_size(folder, dtype))
        net = getattr(diffusers, found.class_name).from_pretrained(
            folder.path, torch_dtype=getattr(torch, dtype), variant=_variant(found), **_safely()
        )
        self._same(folder, found)
        self.loaded[key] = Loaded(net, key, _weight([net]))
        return net

    def encoder(self, sha256: str, folder: Folder) -> Loaded:
        """A model that says what a picture shows, on the device, in full floats. Raises Refused for a folder that is
        not the approved one, or lacks a part: what is missing would be made up by chance, anew at every load."""
        key = f"{sha256}:float32"
        if key in self.loaded:
            self.loaded.move_to_end(key)
            return self.loaded[key]
        found = self._checked(sha256, folder)
        self._make_room(_loaded_size(folder, "float32"))
        cls = getattr(transformers, encoders.ENCODERS[found.family].loads[found.class_name])
        more = {"add_pooling_layer": False} if found.class_name == "ViTModel" else {}
        what, told = cls.from_pretrained(
            folder.path, dtype=torch.float32, variant=_variant(found), output_loading_info=True, **more, **_safely()
        )
        self._same(folder, found)
        if lacking := sorted(told["missing_keys"]) or sorted(map(str, told["mismatched_keys"])):
            raise Refused(
                f"The weights of {folder.path.name} are not whole ({lacking[0]} is missing). Download the model again.",
                code="model_lacks", name=folder.path.name, what=lacking[0],
            )  # fmt: skip
        one = Loaded(what.to(device()).eval(), key, _weight([what]))
        self.loaded[key] = one
        return one

    def lora(self, sha256: str, folder: Folder) -> Path:
        """The weights' file of a LoRA, checked just now."""
        found = self._checked(sha256, folder)
        return folder.path / next(name for name in found.files if name.endswith(manifest.WEIGHTS))

    def forget(self, keep: str = "") -> None:
        """Give up every warm model but `keep`."""
        for key in [key for key in self.loaded if key != keep]:
            del self.loaded[key]
        empty()

    def _checked(self, sha256: str, folder: Folder) -> manifest.Manifest:
        if manifest.digest_of(folder.files) != sha256:
            raise Refused(
                f"The recipe names another manifest of {folder.path.name} than the registry holds. Draw anew.",
                code="model_other_manifest", name=folder.path.name,
            )  # fmt: skip
        return manifest.verify(folder.path, folder.files)

    def _same(self, folder: Folder, found: manifest.Manifest) -> None:
        if not manifest.unchanged(folder.path, found):
            raise Refused(
                f"{folder.path.name} was changed while it was loaded. Verify the model, then draw again.",
                code="model_moving", name=folder.path.name,
            )  # fmt: skip

    def _make_room(self, wanted: int) -> None:
        while self.loaded and self.size + wanted > self.budget:
            self.loaded.popitem(last=False)
            empty()


def empty() -> None:
    """Give memory back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _safely() -> dict[str, Any]:
    return {"local_files_only": True, "use_safetensors": True, "low_cpu_mem_usage": True}


def _variant(found: manifest.Manifest) -> str | None:
    """ "fp16" where a folder holds its weights under that name alone."""
    weights = [name for name in found.files if name.endswith(manifest.WEIGHTS)]
    return "fp16" if weights and all(".fp16." in name or ".fp16-" in name for name in weights) else None


def _loaded_size(folder: Folder, dtype: str) -> int:
    """An upper bound of what the weights will take: their files, doubled where they are halves and asked as floats."""
    files = sum((folder.path / name).stat().st_size for name in folder.files if name.endswith(manifest.WEIGHTS))
    return files * 2 if dtype == "float32" else files


def _weight(parts: Any) -> int:
    """Bytes of the parameters and buffers of these modules."""
    modules = [part for part in parts if isinstance(part, torch.nn.Module)]
    return sum(
        tensor.numel() * tensor.element_size()
        for module in modules
        for tensor in (*module.parameters(), *module.buffers())
    )


def _room() -> int:
    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[1] * SHARE)
    pages = os.sysconf("SC_PHYS_PAGES") if sys.platform == "linux" else 2**22
    return int(pages * os.sysconf("SC_PAGE_SIZE") * CPU_SHARE)
