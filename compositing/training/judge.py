"""The refiner beside the classical path, on clips that it never saw: the figures that decide whether it ships.

    python -m compositing synth --out DIR --seed 3
    python -m compositing.training.judge --cases DIR --net edge_refiner.npz

Both go the way of the mode `best`, each case keyed on its own, automatic; nothing of a case but its film is looked at.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from compositing.colour import Picture, code8, linear_from_coded
from compositing.errors import Refused
from compositing.io.pictures import read_picture
from compositing.io.video import open_frames
from compositing.keying import Keyer, linear_from_planes
from compositing.keying.refine import Net, read_net, refined
from compositing.layer import over
from compositing.metrics import compare_comps, compare_mattes

# name -> is more better
HELD = {"MAD": False, "Grad": False, "dtSSD": False, "spill": False, "PSNRedge": True, "core": False, "out": False,
        "flicker": False}  # fmt: skip
Scores = dict[str, float]


def pictures_in(folder: Path) -> list[np.ndarray]:
    """Every PNG of a folder by name, 0..1."""
    found = [read_picture(path) for path in sorted(folder.glob("*.png"))]
    return [np.asarray(picture / np.float32(np.iinfo(picture.dtype).max), np.float32) for picture in found]


def judged(case: Path, nets: Sequence[Net | None], crisp: Sequence[int | None]) -> list[Scores]:
    """The scores of one case for each net (None: the classical path) with that many thousandths of `crisp`."""
    frames = [linear_from_planes(planes) for planes in open_frames(case / "source.mp4", planes=True)]
    ground = linear_from_coded(np.ascontiguousarray(read_picture(case / "background.png")[..., :3]))
    alphas = [picture if picture.ndim == 2 else picture[..., 0] for picture in pictures_in(case / "alpha")]
    comps = [picture[..., :3] for picture in pictures_in(case / "true_comp")]
    screen = str(json.loads((case / "case.json").read_text())["screen"])
    study = Keyer(frames[:: max(1, len(frames) // 8)])
    plain = [study.matted(frame) for frame in frames]
    rows = []
    for net, amount in zip(nets, crisp, strict=True):
        keyer = study.with_values({} if amount is None else {"crisp_milli": amount}, True)
        made: list[Picture] = []
        for one in plain:
            alpha = one.alpha
            if net is not None:
                alpha = refined(one.linear, one.maps, alpha, study.screen, study.side, study.plate.noise, 1.0, net)
            made.append(keyer.foreground(replace(one, alpha=alpha)).picture)
        shown = [np.asarray(code8(over(ground, picture)) / 255, np.float32) for picture in made]
        scores = compare_mattes([np.ascontiguousarray(picture[..., 3]) for picture in made], alphas)
        scores |= compare_comps(shown, comps, alphas, screen)
        scores["spill"] = scores["fringe"] + scores["dull"]
        rows.append({name: scores[name] for name in HELD if name in scores})
    return rows


def line(name: str, way: str, scores: Scores) -> str:
    return f"| {name} | {way} | " + " | ".join(f"{scores.get(held, float('nan')):.2f}" for held in HELD) + " |"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m compositing.training.judge", description="Both ways, scored.")
    parser.add_argument("--cases", type=Path, required=True, metavar="DIR", help="folders made by `synth`")
    parser.add_argument("--net", type=Path, required=True, metavar="NPZ")
    parser.add_argument("--crisp", type=int, nargs="*", default=[0], metavar="MILLI", help="for the learned way")
    parser.add_argument("--only", nargs="*", metavar="NAME")
    args = parser.parse_args(argv)
    net = read_net(args.net)
    folders = [path.parent for path in sorted(args.cases.glob("*/case.json"))]
    if args.only:
        folders = [folder for folder in folders if folder.name.removeprefix("case_") in args.only]
    if net is None or not folders:
        raise Refused(f"There are no weights at {args.net}, or no cases in {args.cases}.")
    ways = ["classical", *(f"learned, crisp {amount}" for amount in args.crisp)]
    print("| case | way | " + " | ".join(HELD) + " |\n|---|---|" + "---|" * len(HELD), flush=True)
    total: dict[str, list[Scores]] = {way: [] for way in ways}
    for folder in folders:
        for way, scores in zip(
            ways, judged(folder, [None, *[net] * len(args.crisp)], [None, *args.crisp]), strict=True
        ):
            total[way].append(scores)
            print(line(folder.name.removeprefix("case_"), way, scores), flush=True)
    for way, rows in total.items():
        print(line("mean", way, {held: float(np.mean([row[held] for row in rows if held in row])) for held in HELD}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
