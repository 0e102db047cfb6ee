"""The classes of models that say what a picture shows, as a direction in a space. Standard library only.

Nothing is drawn with them: a place's continuity page holds its shots side by side by them. Class names are those of
transformers 5; one that is not named here is refused, whatever its folder says.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1  # of how a picture is cut, scaled and written down: raise it and every picture is read anew
MOST_SIDE = 224  # pixels a picture is read at by a model that takes any size
SCALE = 10_000  # directions are kept as whole numbers of this length


@dataclass(frozen=True)
class Encoder:
    """name: as the registry writes it. loads: class that the folder's config.json names -> class that is loaded.

    mean, std: what its pictures are centred by where the folder has no preprocessor_config.json. any_size: it reads
    other sizes than the one in its configuration. other_milli: how far, in thousandths of a cosine, a picture must lie
    from its like before it can show something else.
    """

    name: str
    title: str
    loads: dict[str, str]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    any_size: bool
    other_milli: int


_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_CLIP = "CLIPVisionModelWithProjection"
_ALL = (
    # In the order pages show them: DINO was trained on pictures alone and tells places apart, CLIP subjects.
    Encoder(
        "dinov2", "DINOv2",
        {"Dinov2Model": "Dinov2Model", "Dinov2WithRegistersModel": "Dinov2WithRegistersModel"},
        *_IMAGENET, any_size=True, other_milli=150,
    ),
    Encoder("dino", "DINO", {"ViTModel": "ViTModel"}, *_IMAGENET, any_size=False, other_milli=150),
    Encoder(
        "clip", "CLIP", {"CLIPModel": _CLIP, _CLIP: _CLIP, "CLIPVisionModel": "CLIPVisionModel"},
        (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711), any_size=False, other_milli=60,
    ),
)  # fmt: skip
ENCODERS: dict[str, Encoder] = {one.name: one for one in _ALL}


def encoder_of(class_name: str) -> Encoder | None:
    """The encoder whose folder names this class in its config.json."""
    return next((one for one in _ALL if class_name in one.loads), None)
