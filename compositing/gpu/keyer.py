"""A keyer whose full-size work runs in torch, many frames at a time; the studio's renders use it where there is a GPU.

What is small, or was never measured to matter, stays with the engine: the clip's study, each frame's maps, the temporal
filter, and everything after the key.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from compositing.accelerators import ENGINE, GPU, TWIN, wished
from compositing.colour import Picture
from compositing.errors import EngineError
from compositing.gpu.batches import batch_size, in_batches
from compositing.gpu.study import Study, foreground, matted, study_of
from compositing.keying.keyer import Keyed, Keyer, Matted

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TwinMatted(Matted):
    """A matte whose foreground came along in the same batch. made: that picture, until it is taken; by: its keyer."""

    made: list[Picture] = field(default_factory=list)
    by: Any = None


class TwinKeyer(Keyer):
    """`keying.Keyer` on a torch device: the same alpha within 1/255 at p99.9. Where memory runs out even for a single
    frame, that frame is keyed by the engine; `tally` counts both, over all copies of this keyer."""

    device: torch.device
    tally: dict[str, int]

    @classmethod
    def of(cls, keyer: Keyer, device: str) -> Self:
        """The twin of a studied keyer."""
        twin = cls.__new__(cls)
        vars(twin).update(vars(keyer))
        twin.device, twin.tally = torch.device(device), {"twin": 0, "engine": 0}
        return twin

    @property
    def at_once(self) -> int:
        """How many frames of this clip the device's free memory holds."""
        return batch_size(*self.size, self.device)

    @property
    def whole(self) -> bool:
        """In `fast` the engine's path row by row is quicker than the way to the card and back."""
        return self.best

    def matted_many(self, pictures: Sequence[Picture]) -> list[Matted]:
        """The mattes of several frames, each on its own; and, where no neighbour has a say, their foregrounds."""
        pictures = [np.ascontiguousarray(picture, np.float32) for picture in pictures]
        study = study_of(self)

        def work(part: Sequence[Picture]) -> list[Matted]:
            return self._matted(study, part)

        try:
            made = list(in_batches(pictures, work, self.at_once))
        except EngineError as error:
            log.warning("keyed by the engine instead", extra={"reason": str(error), "frames": len(pictures)})
            self.tally["engine"] += len(pictures)
            return [super(TwinKeyer, self).matted(picture) for picture in pictures]
        self.tally["twin"] += len(pictures)
        return made

    def matted(self, linear: Picture) -> Matted:
        return self.matted_many([linear])[0]

    def _matted(self, study: Study, pictures: Sequence[Picture]) -> list[Matted]:
        linear = self._sent(np.stack(pictures))
        alpha, small = matted(study, linear)
        maps = np.ascontiguousarray(small.permute(0, 2, 3, 1).cpu().numpy())
        mattes = alpha[:, 0].cpu().numpy()
        if self.reach:
            return [Matted(*one) for one in zip(pictures, maps, mattes, strict=True)]
        tops = foreground(study, linear, alpha, small).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return [
            TwinMatted(picture, low, matte, [top], self)
            for picture, low, matte, top in zip(pictures, maps, mattes, tops, strict=True)
        ]

    def foreground(self, matted: Matted) -> Keyed:
        """The foreground that came with the matte, the first time it is asked for; else worked out anew."""
        if isinstance(matted, TwinMatted) and matted.by is self and matted.made:
            return self._keyed(matted, matted.made.pop())
        study = study_of(self)

        def work(part: Sequence[Matted]) -> list[Picture]:
            linear, maps, alpha = (
                self._sent(np.stack(planes))
                for planes in zip(*((one.linear, one.maps, one.alpha[..., None]) for one in part), strict=True)
            )
            made = foreground(study, linear, alpha, maps).permute(0, 2, 3, 1)
            return list(made.contiguous().cpu().numpy())

        try:
            return self._keyed(matted, next(in_batches([matted], work, 1)))
        except EngineError as error:
            log.warning("unmixed by the engine instead", extra={"reason": str(error)})
            self.tally["engine"] += 1
            return super().foreground(matted)

    def _keyed(self, matted: Matted, picture: Picture) -> Keyed:
        alpha = np.ascontiguousarray(picture[..., 3])
        band = float(((alpha > 0.02) & (alpha < 0.98)).mean())
        return Keyed(picture, alpha, np.ascontiguousarray(matted.maps[..., :3]), band)

    def _sent(self, pictures: np.ndarray) -> Tensor:
        return torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).contiguous()


def device_here() -> tuple[str | None, str]:
    """(torch's name of the device to key on, or None for the engine; why, in a sentence)."""
    wish = wished()
    if wish == TWIN:
        return "cpu", "HUO_DEVICE asks for the twin on the processor."
    if wish == ENGINE:
        return None, "HUO_DEVICE keeps to the processor."
    if not torch.cuda.is_available():
        return None, "torch finds no GPU here."
    try:
        torch.zeros(1, device=GPU)
    except RuntimeError as error:  # a card that is there and refuses: wrong driver, forbidden, full
        return None, f"The GPU refused to work: {str(error).splitlines()[0]}"
    return GPU, torch.cuda.get_device_name()
