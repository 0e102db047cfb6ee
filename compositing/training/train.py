"""Train the edge refiner: bounded, resumable, seeded; on a GPU where there is one.

    python -m compositing.training --work DIR --scenes 0-299 --steps 20000 [--minutes 30] [--resume] [--out NPZ]

Films its scenes first (what is filmed already is kept), keys them with today's keyer, then learns. Held-out scenes are
never learned from; their loss, beside the classical matte's, is printed as it goes. What a step does hangs on its
number alone, so a run that was stopped and goes on ends where one that was not would have. The rate stays level until
the last quarter of the steps and falls to nothing there: until then a run may be given more steps or fewer.
"""

import argparse
import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from compositing.keying.refine import FEATURES, REACH
from compositing.training.model import Refiner, numbers_of, write_net
from compositing.training.scenes import HELD_OUT, film_scenes
from compositing.training.tiles import load

BATCH, RATE, SEED, KEEP = 8, 2e-3, 11, 0.998
COOLING = 0.25  # of all steps

_TAPS = np.exp(-0.5 * (np.arange(5) - 2) ** 2 / 1.2**2)
SOFT = [float(tap) for tap in _TAPS / _TAPS.sum()]


def pixels(cells: Tensor) -> Tensor:
    """(n, 1, 2h, 2w) of (n, 4, h, w)."""
    return torch.nn.functional.pixel_shuffle(cells, 2)


def softened(plane: Tensor) -> Tensor:
    """(n, 1, h, w) blurred a little, nothing beyond its edge. Shifted sums: for one channel a convolution is slower."""
    for axis in (2, 3):
        size = plane.shape[axis]
        wide = torch.nn.functional.pad(plane, (2, 2, 0, 0) if axis == 3 else (0, 0, 2, 2))
        plane = torch.stack([tap * wide.narrow(axis, k, size) for k, tap in enumerate(SOFT)]).sum(0)
    return plane


def classical(batch: Tensor) -> Tensor:
    return batch[:, [3, 7, 11, 15]]


def losses(model: Refiner | None, batch: Tensor) -> tuple[Tensor, dict[str, float]]:
    """(what is minimised, figures) of (n, 29, h, w): absolute and squared error and that of slopes, in the band."""
    mask, true = batch[:, FEATURES : FEATURES + 1], batch[:, FEATURES + 1 :]
    alpha = classical(batch)
    free = ((batch[:, 19:20] < 0.999) & (batch[:, 20:21] > 0.001)).to(batch.dtype) * mask
    if model is not None:
        change = model(batch[:, :FEATURES], mask) * free
        # Beyond its reach the correction is cut, as in the engine; a small slope there lets the net come back.
        cut = change.maximum(REACH * (alpha - 1)).minimum(REACH * alpha)
        raw = alpha + cut + 0.02 * (change - cut)
        said = raw.clamp(0, 1) + 0.02 * (raw - raw.clamp(0, 1))
    else:
        said = alpha
    where = pixels(mask.expand(-1, 4, -1, -1))
    miss = pixels(said - true) * where
    weight = where.sum().clamp_min(1)
    absolute = miss.abs().sum() / weight
    # What is truly bare or solid must stay so: errors there are seen as dirt and holes, and flicker.
    sure = pixels(((true < 0.01) | (true > 0.99)).to(batch.dtype))
    dirt = (miss.abs() * sure).sum() / weight
    squared = miss.square().sum() / weight
    # Slopes as the Grad figure sees them: of the softened matte. Finer detail than the film holds can't be had back.
    soft = softened(miss)
    slope_x, slope_y = soft[..., 1:] - soft[..., :-1], soft[..., 1:, :] - soft[..., :-1, :]
    slope = (slope_x.abs().sum() + slope_y.abs().sum()) / weight
    figures = {
        "mad": absolute.item() * 1e3,
        "mse": squared.item() * 1e3,
        "slope": slope.item() * 1e3,
        "dirt": dirt.item() * 1e3,
    }
    return absolute + 2 * dirt + 5 * squared + 1.5 * slope, figures


def turned(batch: Tensor, rng: np.random.Generator) -> Tensor:
    """The batch mirrored or transposed: the four pixels of a cell change places with it."""
    sub, rest = batch[:, :16].unflatten(1, (2, 2, 4)), batch[:, 16 : FEATURES + 1]
    true = batch[:, FEATURES + 1 :].unflatten(1, (2, 2, 1))
    flip_x, flip_y, swap = rng.random(3) < 0.5
    if flip_x:
        sub, true, rest = sub.flip(2, 5), true.flip(2, 5), rest.flip(3)
    if flip_y:
        sub, true, rest = sub.flip(1, 4), true.flip(1, 4), rest.flip(2)
    if swap:
        sub, true = sub.transpose(1, 2).transpose(4, 5), true.transpose(1, 2).transpose(4, 5)
        rest = rest.transpose(2, 3)
    return torch.cat([sub.flatten(1, 3), rest, true.flatten(1, 3)], 1)


def judged(model: Refiner | None, tiles: np.ndarray, device: str) -> dict[str, float]:
    """Mean figures over tiles, without learning."""
    total: dict[str, float] = {}
    with torch.no_grad():
        for at in range(0, len(tiles), 32):
            batch = torch.from_numpy(tiles[at : at + 32].astype(np.float32)).to(device)
            for name, value in losses(model, batch)[1].items():
                total[name] = total.get(name, 0.0) + value * len(batch)
    return {name: value / len(tiles) for name, value in total.items()}


def learn(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    work = Path(args.work)
    held = load(film_scenes(work / "scenes", HELD_OUT, args.held_out), work)
    homes = [home for first, last in args.scenes for home in film_scenes(work / "scenes", first, last - first + 1)]
    tiles = load(homes, work)
    print(f"{len(tiles)} tiles to learn from, {len(held)} held out, on {device}", flush=True)
    model = Refiner().to(device, memory_format=torch.channels_last)
    steady = Refiner().to(device)
    steady.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-4)
    step, saved = 0, work / "checkpoint.pt"
    if args.resume and saved.exists():
        state: dict[str, Any] = torch.load(saved, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        steady.load_state_dict(state["steady"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    print("classical", judged(None, held, device), flush=True)
    # A processor shared with others gives an honest count of its own time; a GPU has none.
    clock = time.monotonic if device == "cuda" else time.process_time
    began = told = clock()
    while step < args.steps and clock() - began < args.minutes * 60:
        rng = np.random.Generator(np.random.PCG64([SEED, step]))
        chosen = rng.integers(0, len(tiles), BATCH)
        batch = turned(torch.from_numpy(tiles[chosen].astype(np.float32)).to(device), rng)
        batch = batch.contiguous(memory_format=torch.channels_last)
        for group in optimiser.param_groups:
            group["lr"] = RATE * pace(step, args.steps)
        loss, _ = losses(model, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        keep = min(KEEP, step / (step + 10))
        with torch.no_grad():
            for mean, value in zip(steady.parameters(), model.parameters(), strict=True):
                mean.lerp_(value, 1 - keep)
        step += 1
        if clock() - told > args.tell or step == args.steps:
            told = clock()
            print(f"step {step}, {(told - began) / 60:.1f} min:", judged(steady, held, device), flush=True)
            _save(saved, model, steady, optimiser, step)
    _save(saved, model, steady, optimiser, step)
    out = Path(args.out)
    write_net(numbers_of(steady), out)
    print(f"{out}: step {step} of {args.steps}, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}", flush=True)


def pace(step: int, steps: int) -> float:
    """The part of the full rate at which `step` of `steps` learns: a hundred steps up, level, a quarter down."""
    return min(1.0, (step + 1) / 100, (steps - step) / (COOLING * steps))


def _save(path: Path, model: Refiner, steady: Refiner, optimiser: torch.optim.Optimizer, step: int) -> None:
    part = path.with_suffix(".part")
    torch.save(
        {"model": model.state_dict(), "steady": steady.state_dict(), "optimiser": optimiser.state_dict(), "step": step},
        part,
    )
    part.replace(path)


def seeds(text: str) -> list[tuple[int, int]]:
    """[(first, last), ...] of "0-79,85-132"."""
    return [(int(part.split("-")[0]), int(part.split("-")[-1])) for part in text.split(",")]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m compositing.training", description="Train the edge refiner.")
    parser.add_argument("--work", required=True, metavar="DIR", help="scenes and checkpoint")
    parser.add_argument("--out", default="edge_refiner.npz", metavar="NPZ", help="weights")
    parser.add_argument("--scenes", type=seeds, default="0-299", metavar="A-B,C-D", help="seeds to learn from")
    parser.add_argument("--held-out", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument(
        "--minutes", type=float, default=35, help="stop for now after so much processor time; --resume goes on"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tell", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in DIR")
    learn(parser.parse_args(argv))
    return 0
