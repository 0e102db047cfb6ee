"""The label duty follows the layers: an AI-made layer anywhere obliges the label; none, none. Pure.

Source: Measures for Labelling AI-generated Content (in force 2025-09-01) and GB 45438-2025, read through copies
(2026-11): on the opening picture, at least 2 s, text at least 5 % of the short side. IPTC source types: IPTC
NewsCodes "Digital Source Type".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.productions.models import layer_name

TEXT = "AI生成"
HEIGHT_PERMILLE = 50
SECONDS_MILLI = 2_000
# What is burned is a little more than what is owed: the encoder may take a row or a frame off.
BURNED_PERMILLE = 55
BURNED_MILLI = 2_500
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True)
class LayerFacts:
    """A layer as it went into a version of the cut. frames: how many frames of it the cut shows."""

    shot: str
    version: str
    name: str
    kind: str
    origin: str
    ai_made: bool
    frames: int

    @property
    def said(self) -> str:
        return layer_name(self.name, self.kind)


@dataclass(frozen=True)
class Duty:
    """required: the law asks for the label; because: the layers that oblige it. shares: thousandths of layer-frames
    by origin, as they stand in the cut; ai_permille: those made by a learned model, whatever their origin."""

    required: bool
    because: tuple[LayerFacts, ...]
    shares: dict[str, int]
    ai_permille: int


def duty(layers: Iterable[LayerFacts]) -> Duty:
    """What a cut's layers oblige."""
    rows = list(layers)
    total = sum(row.frames for row in rows) or 1
    shares: dict[str, int] = {}
    for row in rows:
        shares[row.origin] = shares.get(row.origin, 0) + row.frames
    because = tuple(row for row in rows if row.ai_made)
    return Duty(
        required=bool(because),
        because=because,
        shares={origin: frames * 1000 // total for origin, frames in sorted(shares.items())},
        ai_permille=-(-sum(row.frames for row in because) * 1000 // total),
    )


def source_type(layer: LayerFacts) -> str:
    """The IPTC digital source type of one layer."""
    if layer.ai_made:
        return IPTC + "trainedAlgorithmicMedia"
    return IPTC + {"captured": "digitalCapture", "procedural": "algorithmicMedia"}.get(layer.origin, "composite")


def whole_type(layers: Iterable[LayerFacts]) -> str:
    """The IPTC digital source type of the film that these layers make."""
    rows = list(layers)
    kinds = {source_type(row).removeprefix(IPTC) for row in rows}
    if len(kinds) == 1:
        return IPTC + kinds.pop()
    if "trainedAlgorithmicMedia" in kinds:
        return IPTC + "compositeWithTrainedAlgorithmicMedia"
    return IPTC + "compositeSynthetic"


def meets(measured: dict[str, object], width: int, height: int, fps_num: int, fps_den: int) -> bool:
    """Whether a label measured in decoded pixels (`label_height_px`, `label_frames`) is tall and long enough."""
    tall = int(str(measured.get("label_height_px") or 0)) * 1000 >= HEIGHT_PERMILLE * min(width, height)
    long = int(str(measured.get("label_frames") or 0)) * 1000 * fps_den >= SECONDS_MILLI * fps_num
    return tall and long
