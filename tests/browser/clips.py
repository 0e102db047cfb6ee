"""Small H.264 films that say in their pixels which frame each one is."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, BLOCK, BITS = 72, 128, 12, 10


def coded_frame(number: int, tint: int = 90) -> np.ndarray:
    """(128, 72, 3) uint8: a bar that moves, and `number` as ten black or white squares (two rows of five)."""
    picture = np.full((HEIGHT, WIDTH, 3), tint, np.uint8)
    picture[70:, :, :] = np.linspace(30, 220, WIDTH, dtype=np.uint8)[None, :, None]
    at = number * 3 % (WIDTH - 8)
    picture[80:120, at : at + 8] = (220, 120, 40)
    for bit in range(BITS):
        x, y = 6 + (bit % 5) * BLOCK, 8 + (bit // 5) * BLOCK
        picture[y : y + BLOCK, x : x + BLOCK] = 235 if number >> bit & 1 else 16
    return picture


def coded_film(path: Path, frames: int, rate: Fraction, *, first: int = 0, tint: int = 90) -> Path:
    """Write `frames` coded frames, numbered from `first`: key frame every 12, B-frames between, index at the front."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as film:
        stream = film.add_stream(
            "libx264", rate=rate, options={"crf": "16", "g": "12", "bf": "2", "preset": "veryfast"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = 1 / rate
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(coded_frame(first + number, tint), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return path


# Reads the number back from what an element shows right now. `canvas` is as large as the film.
READ = """(element) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [72, 128];
  const brush = canvas.getContext("2d");
  brush.drawImage(element, 0, 0, 72, 128);
  let number = 0;
  for (let bit = 0; bit < 10; bit += 1) {
    const [red] = brush.getImageData(12 + (bit % 5) * 12, 14 + Math.floor(bit / 5) * 12, 1, 1).data;
    if (red > 60 && red < 190) return -1;
    if (red > 128) number += 2 ** bit;
  }
  return number;
}"""
