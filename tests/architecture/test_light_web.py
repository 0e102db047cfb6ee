"""What the web process may not load, seen in a real process (the import contract reads only our own files)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = {"torch", "cv2", "numba", "av", "mediapipe", "diffusers", "transformers"}
LOAD_ALL = """
import sys
import studio.config.asgi
from django.urls import get_resolver
get_resolver().url_patterns
import importlib, pkgutil, studio
for found in pkgutil.walk_packages(studio.__path__, "studio."):
    if ".management." not in found.name and ".migrations" not in found.name and not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print("loaded", len([name for name in sys.modules if name.startswith("studio.")]))
print("heavy", sorted(set(sys.modules) & %r))
"""


def test_no_module_of_the_studio_loads_a_media_or_model_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOAD_ALL % HEAVY],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "heavy []" in done.stdout
