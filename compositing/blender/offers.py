"""What can be drawn in Blender, and whether Blender is here: standard library only, safe for the web process.

Blender comes as the wheel `bpy` into an environment of its own (`./run --blender --setup-only`), is started as a
program of its own and only ever reads a description and writes pictures: nothing of it is imported here.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from compositing import plates
from compositing.plates.family import Family, Parameter, gettext_noop

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ".venv-blender"
# Of a family's settings those that Blender's scene follows; the rest belongs to our own way of drawing.
FOLLOWED = (
    "light", "key_azimuth", "key_warmth", "key_softness", "clutter", "camera_height", "camera_turn", "lens", "horizon",
    "defocus", "brightness",
)  # fmt: skip
_ = gettext_noop


@dataclass(frozen=True)
class Scene:
    """A place that Blender draws: the family it follows, and what it takes, in CPU-seconds, fixed and per million
    pixels on one core."""

    family: str
    title: str
    summary: str
    seconds_fixed: float
    seconds_per_megapixel: float
    version: int = 1

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        own = {one.name: one for one in plates.FAMILIES[self.family].parameters}
        return tuple(own[name] for name in FOLLOWED if name in own)

    def as_family(self) -> Family:
        """The same as a family of plates, which checks settings."""
        return replace(plates.FAMILIES[self.family], title=self.title, parameters=self.parameters, version=self.version)


SCENES = {
    one.family: one
    for one in (
        Scene(
            "office", _("Office above the city, in Blender"),
            _("Desks and shelves before a wall of glass, traced by Blender's Cycles: slower, with real light."), 8, 75,
        ),
        Scene(
            "palace", _("Palace hall, in Blender"),
            _("Red columns, beams and lanterns, traced by Blender's Cycles: slower, with real light."), 8, 105,
        ),
        Scene(
            "rooftop", _("Rooftop, in Blender"),
            _("A parapet and the city behind it, traced by Blender's Cycles: slower, with real light."), 6, 45,
        ),
    )
}  # fmt: skip


def interpreter(root: Path = ROOT) -> Path | None:
    """The Python that has Blender; None where it is not installed."""
    python = root / FOLDER / "bin" / "python"
    found = list((root / FOLDER).glob("lib/python3*/site-packages/bpy/__init__.*")) if python.exists() else []
    return python if found else None
