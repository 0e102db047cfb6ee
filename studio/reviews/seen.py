"""What a person had before their eyes when they decided: the exact bytes, by their digests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.comps.models import Version
from studio.core.canonical import digest


@dataclass(frozen=True)
class Seen:
    """media: the master's sha256; recipe: its recipe's; layers: {layer id: digest}."""

    media: str
    recipe: str
    layers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, version: Version) -> "Seen":
        """As the version stands now (reads its layers)."""
        layers = {str(row.layer_id): row.digest for row in version.version_layers.all()}
        return cls(version.master_id or "", version.recipe_sha256, layers)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "Seen":
        return cls(str(value.get("media", "")), str(value.get("recipe", "")), dict(value.get("layers") or {}))

    def as_dict(self) -> dict[str, Any]:
        return {"media": self.media, "recipe": self.recipe, "layers": dict(sorted(self.layers.items()))}

    @property
    def fingerprint(self) -> str:
        """One digest for all of it: what a page carries in its addresses."""
        return digest(self.as_dict())
