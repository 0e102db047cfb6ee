"""The command `synth`: named cases written as folders."""

import argparse
import sys
from pathlib import Path

from compositing.errors import Refused
from compositing.synth.scene import CASES, case, random_scene
from compositing.synth.shoot import write_case


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `synth` to the command line's commands."""
    command = commands.add_parser("synth", help="draw green-screen clips whose true matte and comp are known")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder; each case becomes one in it")
    command.add_argument("--cases", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all when left out")
    command.add_argument("--random", type=int, default=0, metavar="N", help="N random scenes instead, from --seed on")
    command.add_argument("--size", default="432x768", metavar="WxH")
    command.add_argument("--frames", type=int, default=8)
    command.add_argument("--seed", type=int, default=None, help="other persons, hair and light of the same kinds")
    command.add_argument("--quiet", action="store_true")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    parts = args.size.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise Refused(f"A size reads like 432x768, got {args.size!r}.")
    if args.random:
        scenes = [random_scene((args.seed or 0) + number) for number in range(args.random)]
    else:
        scenes = [case(name, args.seed) for name in (args.cases or CASES)]
    for scene in scenes:

        def told(done: int, total: int, name: str = scene.name) -> None:
            if not args.quiet:
                print(
                    f"\r{name}: frame {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True
                )

        write_case(scene, args.out / f"case_{scene.name}", int(parts[0]), int(parts[1]), args.frames, told)
    return 0
