"""A take and a plate for comps, written by a child: this process loads no media library."""

import subprocess
import sys
from pathlib import Path

from compositing import sandbox
from studio.productions.models import Shot
from tests.factories import fill, make_artefact, make_shot

FRAMES = 10
PROGRAM = f"""
import sys
import numpy as np
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter
folder = sys.argv[1]
with VideoWriter(folder + "/take.mp4", 72, 128, 24, 1, crf=10, preset="veryfast", keyint=12) as film:
    for index in range({FRAMES}):
        frame = np.zeros((128, 72, 3), np.uint8)
        frame[:] = (40, 170, 60)
        frame[40:, 20 + index:44 + index] = (170, 60, 50)
        film.write(frame)
blue = np.zeros((128, 72, 3), np.uint8)
blue[:] = (40, 60, 160)
write_png8(folder + "/plate.png", blue)
"""


def write_footage(folder: Path) -> tuple[Path, Path]:
    """(take, plate) in `folder`: ten frames of a red box before green, and a blue picture, 72×128."""
    subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], check=True, cwd=sandbox.ROOT)
    return folder / "take.mp4", folder / "plate.png"


def make_filled_shot(take: Path, plate: Path) -> Shot:
    """A shot of 48 planned frames: the take is its actor, the plate its background."""
    shot = make_shot(duration_frames=48)
    film = {"width": 72, "height": 128, "frame_count": FRAMES, "fps_num": 24, "fps_den": 1, "has_alpha": False}
    fill(shot.layers.get(kind="actor"), artefact=make_artefact(shot.production, take), media=film)
    picture = make_artefact(shot.production, plate, mime="image/png", suffix=".png")
    fill(shot.layers.get(kind="background"), artefact=picture, media={"width": 72, "height": 128, "frame_count": 1})
    return shot
