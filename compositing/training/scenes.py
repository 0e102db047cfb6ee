"""The scenes that the refiner learns from: random ones by our own generator, filmed and kept with their true mattes.

A scene's folder holds source.mp4 and truth.npz (alpha, (n, H, W) uint16). Seeds from HELD_OUT on are
never learned from.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from compositing.synth.camera import expose, quantised, write_film
from compositing.synth.scene import random_scene
from compositing.synth.shoot import shoot

HELD_OUT = 1_000_000
LARGE = 72  # so many scenes first, of two frames each; all others are small: many persons count for more than pixels
SIZES = (((432, 768), 0.72), ((540, 960), 0.24), ((1080, 1920), 0.04))
SMALL = (288, 512)


def is_large(seed: int) -> bool:
    return seed < LARGE or seed >= HELD_OUT


def size_of(seed: int) -> tuple[int, int]:
    """(width, height) of a scene."""
    if not is_large(seed):
        return SMALL
    rng = np.random.Generator(np.random.PCG64([seed, 13]))
    return SIZES[int(rng.choice(len(SIZES), p=[share for _, share in SIZES]))][0]


def film_scene(seed: int, folder: Path) -> Path:
    """Film one scene into folder/<seed>, once; what is there already is kept."""
    home = folder / f"{seed:07d}"
    if (home / "truth.npz").exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    scene, (width, height) = random_scene(seed), size_of(seed)
    rng = np.random.Generator(np.random.PCG64([seed, 14]))
    start = int(rng.integers(0, 20))
    if is_large(seed):
        shots = list(shoot(scene, width, height, 2, start))
        seen, alphas = [shot.seen for shot in shots], [shot.alpha for shot in shots]
    else:  # one drawn frame, seen twice: moved by some pixels and with other noise, so that the codec predicts it
        shot = next(shoot(replace(scene, zoom=1.2 * scene.zoom), width, height, 1, start))
        move = (int(rng.integers(-3, 4)), int(rng.integers(-3, 4)))
        plate, alpha = (np.roll(picture, move, (0, 1)) for picture in (shot.plate, shot.alpha))
        seen, alphas = [expose(plate, scene, rng), shot.seen], [alpha, shot.alpha]
    write_film(home / "source.mp4", seen, scene)
    part = home / ".truth.part.npz"
    np.savez_compressed(part, alpha=np.stack([quantised(alpha) for alpha in alphas]))
    os.replace(part, home / "truth.npz")
    return home


def film_scenes(folder: Path, first: int, count: int) -> list[Path]:
    """Film `count` scenes from seed `first` on; goes on where an interrupted run stopped."""
    made = []
    for seed in range(first, first + count):
        made.append(film_scene(seed, folder))
        print(f"scene {seed}: {seed - first + 1} of {count}", flush=True)
    return made
