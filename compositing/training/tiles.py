"""Filmed scenes, keyed by today's keyer, cut into tiles: what the refiner sees beside what it should say."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compositing import keying
from compositing.errors import Refused
from compositing.io.video import open_frames
from compositing.keying import Keyer, linear_from_planes
from compositing.keying.refine import FEATURES, features

SOURCES = Path(keying.__file__).parent
SIDE = 48  # cells
MOST = 24  # tiles of one frame


def cells_of(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """(4, H / 2, W / 2) the four pixels of each cell of an even-sized plane."""
    return np.stack([plane[j::2, i::2] for j in (0, 1) for i in (0, 1)])


def dense(index: NDArray[np.int32], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(25, rows, columns) the features where there are cells, 0 elsewhere; the last plane is the mask."""
    out = np.zeros((FEATURES + 1, *index.shape), np.float32)
    inside = index >= 0
    out[:FEATURES, inside] = rows.T
    out[FEATURES, inside] = 1
    return out


def tiles_of(home: Path, seed: int) -> NDArray[np.float16]:
    """(n, 29, 48, 48) of one filmed scene: 24 features, mask, four true pixels. No tiles where it can't be keyed."""
    frames = [linear_from_planes(planes) for planes in open_frames(home / "source.mp4", planes=True)]
    truth = np.load(home / "truth.npz")["alpha"] / np.float32(65535)
    try:
        keyer = Keyer(frames)
    except Refused:
        return np.zeros((0, FEATURES + 5, SIDE, SIDE), np.float16)
    rng = np.random.Generator(np.random.PCG64([seed, 15]))
    found = []
    for linear, true in zip(frames, truth, strict=True):
        maps = keyer.maps(linear)
        alpha = keyer.matte(linear, maps)
        seen = dense(*features(linear, maps, alpha, keyer.screen, keyer.side, keyer.plate.noise))
        whole = np.concatenate([seen, cells_of(true)])
        rows, columns = whole.shape[1] // SIDE, whole.shape[2] // SIDE
        shift = rng.integers(0, (whole.shape[1] - rows * SIDE + 1, whole.shape[2] - columns * SIDE + 1))
        cut = whole[:, shift[0] : shift[0] + rows * SIDE, shift[1] : shift[1] + columns * SIDE]
        tiles = (
            cut.reshape(-1, rows, SIDE, columns, SIDE).transpose(1, 3, 0, 2, 4).reshape(-1, FEATURES + 5, SIDE, SIDE)
        )
        share = tiles[:, FEATURES].mean((1, 2))
        worth = np.flatnonzero(share > 0.04)
        if len(worth) > MOST:
            worth = rng.choice(worth, MOST, replace=False)
        found.append(tiles[np.sort(worth)].astype(np.float16))
    return np.concatenate(found)


def keyer_digest() -> str:
    """Of the sources that a tile hangs on: another keyer makes other tiles."""
    found = hashlib.sha256()
    sources = [*SOURCES.rglob("*.py"), *(SOURCES.parent / name for name in ("despill.py", "edges.py", "io/video.py"))]
    for path in sorted({*sources, Path(__file__)}):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def load(homes: list[Path], keep: Path) -> NDArray[np.float16]:
    """Tiles of many scenes in one array, mapped from `keep` where an earlier run of this keyer left them: keying some
    hundred scenes takes minutes, and a run that goes on should not."""
    path = (
        keep / f"tiles-{keyer_digest()}-{hashlib.sha256(repr([h.name for h in homes]).encode()).hexdigest()[:12]}.npy"
    )
    if not path.exists():
        part = path.with_suffix(".part.npy")
        np.save(part, np.concatenate([tiles_of(home, int(home.name)) for home in homes]))
        part.replace(path)
    return np.asarray(np.load(path, mmap_mode="r"))
