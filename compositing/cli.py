"""The command line: probe, comp, compare, bench, synth, warm. Everything automatic when nothing is given."""

import argparse
import contextlib
import dataclasses
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from compositing import bench, digests, quality, warm, worlds
from compositing.errors import EngineError, Refused
from compositing.frame import Frame, straight
from compositing.hints import models
from compositing.io.pictures import read_picture, write_png8, write_png16
from compositing.io.probe import probe
from compositing.io.video import frame_total, video_info
from compositing.metrics import compare_comps, compare_mattes, table
from compositing.recipe import METHODS, MODES, LayerRecipe, Recipe, plain
from compositing.render import file_sha256, render
from compositing.sources import is_picture
from compositing.synth import command as synth


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it worked, 2 with one sentence on the error stream where it was refused."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except EngineError as error:
        print(f"compositing {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"compositing {args.command}: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m compositing", description="Key, composite, compare.")
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser("probe", help="what a film is")
    command.add_argument("source", type=Path)
    command.set_defaults(run=_probe)

    command = commands.add_parser("comp", help="key a take and put it over a background")
    command.add_argument("source", type=Path)
    command.add_argument("--background", type=Path, help="PNG, JPEG, WebP or film; grey when left out")
    command.add_argument("--out", type=Path, help="the finished film (.mp4)")
    command.add_argument("--matte-out", type=Path, metavar="DIR", help="16-bit grey PNG, from 0001")
    command.add_argument("--comp-out", type=Path, metavar="DIR", help="8-bit sRGB PNG, from 0001")
    command.add_argument("--fg-out", type=Path, metavar="DIR", help="16-bit straight RGBA PNG, from 0001")
    command.add_argument("--clean-plate", type=Path, metavar="PNG", help="the empty screen, as shot")
    command.add_argument(
        "--recipe", type=Path, metavar="JSON", help="parameters: a comp.1 recipe or {key, place, match}"
    )
    command.add_argument("--mode", choices=MODES, help="fast (default) or best")
    command.add_argument("--method", choices=METHODS, help="screen (default), or person where there is no screen")
    command.add_argument("--no-hint", action="store_true", help="key without the person segmenter, installed or not")
    command.add_argument("--plain", action="store_true", help="no colour match, grain, light wrap or defocus")
    command.add_argument("--size", metavar="WxH", help="size of the comp; the source's own when left out")
    command.add_argument("--frames", type=int, metavar="N", help="only the first N frames")
    command.add_argument("--quiet", action="store_true", help="no progress")
    command.add_argument("--json", action="store_true", help="print the report as JSON")
    command.set_defaults(run=_comp)

    command = commands.add_parser("compare", help="score mattes (and comps) against a truth or another folder")
    command.add_argument("truth", type=Path, help="a case folder (alpha/, true_comp/, case.json) or a folder of mattes")
    command.add_argument("mattes", type=Path, help="folder of matte PNGs")
    command.add_argument("--comp", type=Path, metavar="DIR", help="comp frames, scored against the case's true_comp/")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_compare)

    command = commands.add_parser("bench", help="speed beside FFmpeg's own key, despill and overlay in the same run")
    command.add_argument("source", type=Path, nargs="?", help="a green-screen film; one is drawn when left out")
    command.add_argument("--size", default="1080x1920", metavar="WxH")
    command.add_argument("--frames", type=int, default=96)
    command.add_argument("--write", type=Path, metavar="FILE", help="also write the page (docs/bench.md)")
    command.add_argument("--quick", action="store_true", help="at most 16 frames, each row once")
    command.add_argument(
        "--long", type=int, nargs="?", const=10, default=0, metavar="MINUTES",
        help="also render the clip looped to so many minutes (10) as a draft, a fifth as a final: memory",
    )  # fmt: skip
    command.add_argument("--json", action="store_true")
    command.add_argument("--gpu", action="store_true", help="the torch twin on this machine's GPU instead, no codec")
    command.set_defaults(run=bench.command)
    synth.add_to(commands)
    command = commands.add_parser("quality", help="the key on every truth case, scored beside the peers")
    command.add_argument("--truth", type=Path, default=quality.TRUTH, metavar="DIR", help="a case or a folder of them")
    command.add_argument("--mode", choices=(*MODES, "both"), default="both")
    command.add_argument(
        "--synth", type=Path, metavar="DIR", help="also drawn clips, beside two tuned peers; DIR keeps them (minutes)"
    )
    command.add_argument("--write", type=Path, metavar="MD", help="also write the page (docs/quality.md)")
    command.add_argument("--keep", type=Path, metavar="DIR", help="leave mattes and comps here as PNG")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=quality.command)
    command = commands.add_parser("worlds", help="contact sheets of what is drawn by rule, with its CPU-seconds")
    command.add_argument("--quick", action="store_true", help="drafts alone")
    command.add_argument("--json", action="store_true")
    command.add_argument("--write", type=Path, metavar="MD", help="also write docs/worlds.md, its pictures")
    command.set_defaults(run=worlds.command)
    command = commands.add_parser("digests", help="whether this machine draws by rule what another drew, to the byte")
    command.add_argument("--write", type=Path, metavar="FILE", help="leave the digests here, for another machine")
    command.add_argument("--against", type=Path, metavar="FILE", help="what another machine wrote")
    command.set_defaults(run=digests.command)
    command = commands.add_parser("hints", help="the person segmenter: install it, or say whether it is there")
    command.add_argument("what", choices=("install", "status"))
    command.add_argument(
        "--from", dest="given", type=Path, metavar="FILE", help="the package or the file, fetched by hand"
    )
    command.set_defaults(run=_hints)
    command = commands.add_parser("warm", help="compile the kernels now, so that nobody waits for them later")
    command.set_defaults(run=warm.command)
    return parser


def _probe(args: argparse.Namespace) -> int:
    found = probe(args.source)
    data = dataclasses.asdict(found) if dataclasses.is_dataclass(found) and not isinstance(found, type) else found
    print(json.dumps(data, indent=1, default=str))
    return 0


def _hints(args: argparse.Namespace) -> int:
    if args.what == "install":
        print(f"The person segmenter lies in {models.install(given=args.given)} (MediaPipe, Apache-2.0).")
        return 0
    path = models.installed()
    print(
        f"The person segmenter is not installed in {models.models_folder()}." if path is None else f"Installed: {path}"
    )
    return 1 if path is None else 0


# -- comp ----------------------------------------------------------------------------------------------------
def size_of(text: str | None, width: int, height: int) -> tuple[int, int]:
    """(width, height) from "WxH", or the given one made even. Raises Refused."""
    if not text:
        return width - width % 2, height - height % 2
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise Refused(f"A size reads like 1080x1920, got {text!r}.")
    return int(parts[0]), int(parts[1])


def build_recipe(args: argparse.Namespace) -> tuple[Recipe, dict[str, str]]:
    """The recipe a `comp` command asks for, and where its sources are."""
    given: dict[str, Any] = {}
    if args.recipe:
        try:
            given = json.loads(args.recipe.read_text())
        except ValueError as error:
            raise Refused(f"{args.recipe.name} is not valid JSON: {error}.") from error
        if not isinstance(given, dict):
            raise Refused(f"{args.recipe.name} must hold a JSON object.")
    actor: dict[str, Any] = {}
    match = given.get("match", {})
    mode = args.mode or given.get("mode") or "fast"
    if "schema" in given:
        stored = Recipe.from_dict(given)
        layer = next((layer for layer in stored.layers if layer.kind == "actor"), None)
        if layer is None:
            raise Refused(f"{args.recipe.name} has no actor layer to take parameters from.")
        actor = {"key": layer.key, "place": layer.place, "fit": layer.fit, "centre_milli": layer.centre_milli}
        actor |= {"method": layer.method, "hint": layer.hint}
        match = stored.match
    else:
        if unknown := sorted(set(given) - {"key", "place", "match", "mode"}):
            raise Refused(f"{args.recipe.name} has unknown fields: {', '.join(unknown)}.")
        actor = {"key": given.get("key", {}), "place": given.get("place", {})}
    paths: dict[str, str] = {}

    def known(path: Path) -> str:
        if not path.is_file():
            raise Refused(f"{path} does not exist.")
        sha = file_sha256(path)
        paths[sha] = str(path)
        return sha

    source = known(args.source)
    if is_picture(args.source):
        coded = read_picture(args.source)
        shown, rate, total = (coded.shape[1], coded.shape[0]), Fraction(24), 1
    else:
        info = video_info(args.source)
        shown, rate, total = (info.display_width, info.display_height), info.fps, frame_total(args.source)
    width, height = size_of(args.size, *shown)
    layers = []
    if args.background:
        layers.append(LayerRecipe("background", "background", known(args.background), extend="loop"))
    plate = known(args.clean_plate) if args.clean_plate else None
    if args.method:
        actor["method"] = args.method
    if "hint" not in actor and models.installed() is not None:  # a stored recipe is made as it was made
        actor["hint"] = models.NETWORK
    if args.no_hint:
        actor["hint"] = None
    layers.append(LayerRecipe("actor", "actor", source, clean_plate=plate, **actor))
    count = total if args.frames is None else max(1, min(total, args.frames))
    recipe = Recipe(width, height, rate.numerator, rate.denominator, count, tuple(layers), mode, match)
    return (plain(recipe) if args.plain else recipe), paths


def _comp(args: argparse.Namespace) -> int:
    if not any((args.out, args.matte_out, args.comp_out, args.fg_out)):
        raise Refused("Say where to write: --out OUT.mp4, --matte-out DIR, --comp-out DIR or --fg-out DIR.")
    recipe, paths = build_recipe(args)
    folders = [folder for folder in (args.matte_out, args.comp_out, args.fg_out) if folder]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)

    def write(index: int, frame: Frame) -> None:
        name = f"{index + 1:04d}.png"
        if args.matte_out:
            write_png16(args.matte_out / name, np.round(np.clip(frame.alpha, 0, 1) * 65535).astype(np.uint16))
        if args.comp_out:
            write_png8(args.comp_out / name, frame.view("comp"))
        if args.fg_out:
            write_png16(args.fg_out / name, np.round(straight(frame.actor) * 65535).astype(np.uint16))

    beside = args.out.resolve().parent if args.out else None
    if beside:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".comp-", dir=beside) as work:
        result = render(
            recipe, paths, work, Progress(sys.stderr) if not args.quiet else None, write if folders else None
        )
        if args.out:
            shutil.move(result["master"], args.out)
            result["master"] = str(args.out)
    report = {
        "recipe_sha256": result["recipe_sha256"], "sha256": result["sha256"], "frame_count": result["frame_count"],
        "size": [result["width"], result["height"]], "seconds": result["seconds"],
        "fps": round(result["frame_count"] / max(result["seconds"], 1e-6), 2), **result["report"],
    }  # fmt: skip
    if args.json:
        print(json.dumps(report, indent=1))
    else:
        screen = result["report"]["screens"].get("actor")
        found = f"{screen['name']} screen, sRGB {tuple(screen['srgb'])}" if screen else "the source's own alpha"
        print(f"{report['frame_count']} frames in {report['seconds']:.1f} s ({report['fps']} fps): {found}.")
        for target in (args.out, *folders):
            if target:
                print(f"  {target}")
    return 0


class Progress:
    """A line with the share done and the time left, on a terminal rewritten in place, elsewhere at most every 5 s."""

    def __init__(self, stream: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.started = self.first = clock()
        self.last = -1e9
        self.first_done: int | None = None
        self.live = bool(getattr(stream, "isatty", lambda: False)())

    def __call__(self, done: int, total: int, stage: str) -> None:
        now = self.clock()
        if stage == "frames" and self.first_done is None:
            self.first_done, self.first = done, now
        if done < total and now - self.last < (0.2 if self.live else 5.0):
            return
        self.last = now
        line = {"study": "Studying the screen", "join": "Finishing the film"}.get(stage, f"Frame {done} of {total}")
        if stage == "frames" and self.first_done is not None and done > self.first_done:
            left = (now - self.first) / (done - self.first_done) * (total - done)
            line += f", {done * 100 // max(1, total)} %, {clock_words(left)} left"
        with contextlib.suppress(OSError, ValueError):
            end = ("\n" if stage == "join" else "") if self.live else "\n"
            self.stream.write(f"\r\x1b[K{line}{end}" if self.live else f"{line}{end}")
            self.stream.flush()


def clock_words(seconds: float) -> str:
    """12 s, 3 min 5 s, 1 h 2 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


# -- compare -------------------------------------------------------------------------------------------------
def read_mattes(folder: Path) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
    """(H, W) float mattes 0..1 of a folder of PNGs in name order: the alpha channel where there is one, else grey."""
    frames = []
    for path in _pngs(folder):
        coded = read_picture(path)
        plane = coded[..., 3] if coded.shape[2] == 4 else coded[..., 0]
        frames.append(np.asarray(plane / np.float32(np.iinfo(coded.dtype).max), np.float32))
    return frames


def read_comps(folder: Path) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
    frames = []
    for path in _pngs(folder):
        coded = read_picture(path)[..., :3]
        frames.append(np.asarray(coded / np.float32(np.iinfo(coded.dtype).max), np.float32))
    return frames


def _pngs(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.png")) if folder.is_dir() else []
    if not found:
        raise Refused(f"{folder} is not a folder with PNG frames.")
    return found


def compare(truth: Path, mattes: Path, comp: Path | None) -> dict[str, float]:
    """Score a folder of mattes, and of comps, against a case folder or another folder of mattes. Raises Refused."""
    case = truth / "case.json"
    true = read_mattes(truth / "alpha" if case.exists() else truth)
    result = compare_mattes(read_mattes(mattes), true)
    if comp is not None:
        if not case.exists():
            raise Refused(f"{truth} has no case.json, so there is no true comp to hold {comp} against.")
        screen = json.loads(case.read_text())["screen"]
        result |= compare_comps(read_comps(comp), read_comps(truth / "true_comp"), true, screen)
    return result


def _compare(args: argparse.Namespace) -> int:
    result = compare(args.truth, args.mattes, args.comp)
    print(json.dumps(result, indent=1) if args.json else table({args.mattes.name: result}))
    return 0
