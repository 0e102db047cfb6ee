"""The backends this studio has. A new one is a class with the `Backend` protocol and a line here."""

from studio.generation.backends.base import Backend
from studio.generation.backends.blender import Blender
from studio.generation.backends.comfy import Comfy
from studio.generation.backends.diffusers import Diffusers
from studio.generation.backends.procedural import Procedural
from studio.generation.backends.upload import Uploaded

BACKENDS: dict[str, Backend] = {
    backend.name: backend for backend in (Procedural(), Blender(), Uploaded(), Diffusers(), Comfy())
}
