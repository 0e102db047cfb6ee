"""When in its shot an effect is there, where it lies, and how the family's own pictures are made into that.

The settings stand with each family (`LASTING`, `PLACED`, `AROUND`); standard library and NumPy only.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint16]
Draw = Callable[..., Iterator[Picture]]
LOOP_S = 2  # that a family's own loop lasts within an effect that begins or ends in the shot


def timed(draw: Draw, params: Mapping[str, Any], **form: int) -> Iterator[Picture]:
    """Yield form["frames"] pictures (H, W, 4), straight alpha, of `draw`: nothing before `start` and after `duration`
    frames (0: to the end), rising and fading within; "once": one course of it over all of that time, else its loop
    again and again."""
    frames = form["frames"]
    start = min(params.get("start", 0), frames)
    lasts = min(params.get("duration", 0) or frames, frames - start)
    rise, fall = params.get("fade_in", 0), params.get("fade_out", 0)
    blank = np.zeros((form["height"], form["width"], 4), np.uint16)
    for _n in range(start):
        yield blank
    if lasts >= 1:
        period = lasts
        if params.get("play") != "once":
            period = min(lasts, max(2, round(LOOP_S * form["fps_num"] / form["fps_den"])))
        n = 0
        while n < lasts:
            for picture in draw(dict(params), **{**form, "frames": max(2, period)}):
                if n >= lasts:
                    break
                gain = min(1.0, (n + 1) / (rise + 1), (lasts - n) / (fall + 1))
                if gain < 1:
                    picture = picture.copy()
                    picture[..., 3] = np.rint(picture[..., 3] * np.float32(gain))
                yield picture
                n += 1
    for _n in range(start + lasts, frames):
        yield blank
