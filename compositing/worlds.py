"""Contact sheets of all that is drawn by rule, with its CPU-seconds: `python -m compositing worlds`."""

import argparse
import json
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing import effects, plates, sandbox
from compositing.io.pictures import read_picture, write_jpg
from compositing.io.video import open_frames

LIGHTS = ("day", "golden", "night", "storm")
FINAL, DRAFT = (1080, 1920), (270, 480)
DRAFTS = 8  # on one sheet
THUMB = (162, 288)
EFFECT_FRAMES, SHOWN = 12, (2, 7)  # of a clip: how many are drawn, which are shown
COLUMNS = 8
# Clips: family, camera, what else; shown as drafts over 3 s, measured over a few frames at full size.
MOVES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("city", "push", {}), ("office", "truck_right", {"light": "day"}), ("palace", "pan_right", {"light": "golden"}),
    ("sea", "stand", {"light": "golden"}),
)  # fmt: skip
MOVE_SHOWN, MOVE_FRAMES, MOVE_REACH = 4, 6, 60
KEYS = ("", -90, 90, 180)  # the same place lit from elsewhere
KEYED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("office", {"light": "day"}), ("palace", {"light": "day"}), ("city", {"light": "golden", "weather": "clear"}),
    ("forest", {"light": "golden"}),
)  # fmt: skip
# Rooms of other times and other moods, each in these.
WORN: tuple[dict[str, Any], ...] = (
    {"period": "eighties"},
    {"period": "republican"},
    {"palette": "warm"},
    {"palette": "cold"},
    {"palette": "neon", "light": "night"},
    {"clutter": 0},
    {"clutter": 100},
)
WORN_ROOMS = ("bedroom", "corridor", "lobby", "office", "ward", "city")
# People on a place's ground, the place as soft as it usually is.
CROWDS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("lobby", {"light": "day"}, {"nearest": 3}),
    ("city", {"light": "day", "weather": "clear"}, {"nearest": 6}),
    ("palace", {"light": "golden"}, {"nearest": 3}),
    ("city", {"light": "golden", "weather": "clear", "period": "republican"}, {"nearest": 6}),
)
CROWD_SIZE = (540, 960)
SECONDS_FINAL, SECONDS_SHEET, SECONDS_FRAME = 8.0, 8.0, 0.15  # what is aimed at

WIDE = 118  # columns of the page's text
PHOTOGRAPHS = """Above photographs, below places drawn by rule, all behind the same actor and out of focus: a hotel
room, a car park in a city, a garden, a lagoon at sunset and a square in Venice; a bedroom, a roof,
bamboo, the sea and a street of the republican era. The photographs are by Greg Zaal (Poly Haven:
hotel_room, portland_landing_pad, ninomaru_teien, venice_sunset), CC0, in the size that Blender
comes with."""
LACKING = """Held side by side, rooms, water, sky and streets at night or in low sun pass behind a close-up; what
ours lack is disorder. Woods are weakest: a photograph's leaves hang in clumps, with branches and
real dark between them, ours are spread evenly. Our houses by day are too even in their windows, and
our walls cleaner than any that were lived in."""
PROPS_TOLD = (
    "For a foreground layer, with alpha, in their place in the picture: across, down, size, tilt, time of day, the "
    "side that the actor's key comes from. Largest as above they take 0.1 (sword, tea set) to 0.8 CPU-seconds "
    "(umbrella) at 540 x 960. They are turned bodies, strips and flat pieces in one light without shadows of their "
    "own: right before a lens and out of focus, plain when they fill the frame."
)
EFFECTS_TOLD = """Alpha over nothing, shown over grey; a clip loops unless it begins, ends or plays once in its shot.
Where the place has windows, drops lie on their panes alone, and rain, snow, fog and lightning are
seen through them. One draw around the actor gives two clips, parted by the actor's distance; both
together take up to twice as long."""


def measured(quick: bool, folder: Path) -> dict[str, Any]:
    """Draw every family in children of their own, as the studio does, and count their CPU-seconds.

    {"plates": {family: {"final_s", "sheet_s"}}, "effects": {family: {"frame_s"}}, "pictures": {...}}; quick: drafts
    alone, so nothing is said of finals.
    """
    told: dict[str, Any] = {"plates": {}, "clips": {}, "effects": {}, "pictures": {}}
    with sandbox.Warm(sandbox.limits_of("plate")) as child:
        _compiled(child, folder)
        for name in plates.FAMILIES:
            drafts = [_plate(child, name, DRAFT, folder, seed=seed) for seed in range(1, DRAFTS + 1)]
            told["plates"][name] = {"sheet_s": round(sum(one["seconds"] for one in drafts), 2)}
            if not quick:
                told["plates"][name]["final_s"] = _plate(child, name, FINAL, folder)["seconds"]
                told["plates"][name]["sharp_s"] = _plate(child, name, FINAL, folder, defocus=0)["seconds"]
            for light in LIGHTS:
                made = _plate(child, name, DRAFT, folder, light=light)
                told["pictures"].setdefault(name, []).append(_small(made["picture"]))
        told["pictures"]["keys"] = [
            _small(_plate(child, name, DRAFT, folder, key_azimuth=azimuth, **more)["picture"])
            for name, more in KEYED for azimuth in KEYS
        ]  # fmt: skip
        told["pictures"]["worn"] = [
            _small(_plate(child, name, DRAFT, folder, **({"light": "day", "palette": "natural"} | more))["picture"])
            for name in WORN_ROOMS for more in WORN
        ]  # fmt: skip
        told["pictures"]["crowds"] = [_peopled(child, name, wish, who, folder) for name, wish, who in CROWDS]
        for name, move, more in MOVES:
            shown = _clip(child, name, move, more, DRAFT, folder, MOVE_SHOWN, fps=1)
            told["pictures"].setdefault("moves", []).extend(_frames_of(shown["clip"]))
            if not quick:
                first, more_frames = (
                    _clip(child, name, move, more, FINAL, folder, count, fps=24)["seconds"]
                    for count in (2, MOVE_FRAMES)
                )
                told["clips"][name] = {
                    "camera": move, "frame_s": round((more_frames - first) / (MOVE_FRAMES - 2), 2),
                    "told_s": plates.estimate_clip_seconds(name, {"defocus": 25, "camera_move": move}, *FINAL, 96),
                }  # fmt: skip
        for name in effects.FAMILIES:
            size = DRAFT if quick else FINAL
            args = {"family": name, "params": {}, "seed": 3, "frames": EFFECT_FRAMES, "fps_num": 24, "fps_den": 1}
            args |= {"width": size[0], "height": size[1], "out_dir": str(folder / name)}
            made = child.request("effect", args)
            if not quick:
                told["effects"][name] = {"frame_s": round(made["seconds"] / EFFECT_FRAMES, 3)}
            told["pictures"][name] = [_small(made["poster"])]
    return told


def _compiled(child: Any, folder: Path) -> None:
    """Have every kernel ready: compiling is no part of a picture's price."""
    for name in plates.FAMILIES:
        for soft in (0, 25):
            _plate(child, name, (64, 1000), folder, defocus=soft)
    for name in effects.FAMILIES:
        args = {"family": name, "params": {}, "seed": 3, "frames": 2, "fps_num": 24, "width": 64, "height": 64}
        child.request("effect", args | {"out_dir": str(folder / name)})


def _plate(child: Any, name: str, size: tuple[int, int], folder: Path, seed: int = 2, **params: Any) -> dict[str, Any]:
    args = {"family": name, "params": params, "seed": seed, "width": size[0], "height": size[1]}
    return dict(child.request("plate", args | {"out_dir": str(folder / name)}))


def _clip(
    child: Any, name: str, move: str, more: dict[str, Any], size: tuple[int, int], folder: Path, frames: int, fps: int
) -> dict[str, Any]:
    params = {"camera_move": move, "camera_reach": MOVE_REACH, **more}
    args = {"family": name, "params": params, "seed": 2, "width": size[0], "height": size[1], "frames": frames}
    return dict(child.request("plate", args | {"fps_num": fps, "out_dir": str(folder / f"{name}-{frames}")}))


def _peopled(child: Any, name: str, wish: dict[str, Any], who: dict[str, Any], folder: Path) -> np.ndarray:
    """A place with people on its ground, one frame, merged as coded."""
    place = _plate(child, name, CROWD_SIZE, folder, **wish)
    args = {"family": "crowd", "params": who, "seed": 5, "frames": 2, "fps_num": 24, "fps_den": 1}
    args |= {"width": CROWD_SIZE[0], "height": CROWD_SIZE[1], "out_dir": str(folder / "people")}
    people = child.request("effect", args | {"ground": place["depth"]})
    over = next(iter(open_frames(people["clip"], alpha=True))).astype(np.float32)
    over /= np.iinfo(np.uint16).max if over.max() > 255 else 255
    behind = read_picture(place["picture"])[..., :3].astype(np.float32) / 255
    return np.asarray(np.rint((behind + (over[..., :3] - behind) * over[..., 3:]) * 255), np.uint8)


def _frames_of(path: str) -> list[np.ndarray]:
    return [_thumb(picture) for picture in open_frames(path)]


def _thumb(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(picture, THUMB, interpolation=cv2.INTER_AREA), np.uint8)


def _small(path: str) -> np.ndarray:
    picture = read_picture(path)[..., :3]
    if picture.dtype != np.uint8:
        picture = np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)
    return _thumb(picture)


def sheet(pictures: list[np.ndarray], columns: int = COLUMNS) -> np.ndarray:
    """(H, W, 3) uint8: pictures of one size side by side, in rows."""
    gap = 4
    rows = -(-len(pictures) // columns)
    wide, tall = THUMB[0] + gap, THUMB[1] + gap
    out = np.full((rows * tall + gap, columns * wide + gap, 3), 14, np.uint8)
    for at, picture in enumerate(pictures):
        y, x = gap + at // columns * tall, gap + at % columns * wide
        out[y : y + THUMB[1], x : x + THUMB[0]] = picture
    return out


def command(args: argparse.Namespace) -> int:
    """`python -m compositing worlds [--quick] [--json] [--write docs/worlds.md]`."""
    with tempfile.TemporaryDirectory(prefix="huo-worlds-") as name:
        told = measured(args.quick, Path(name))
    pictures = told.pop("pictures")
    print(json.dumps(told, indent=1) if args.json else page(told))
    if args.write:
        folder = args.write.parent / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        places = [picture for family in plates.FAMILIES for picture in pictures[family]]
        write_jpg(folder / "worlds_plates.jpg", sheet(places), 82)
        write_jpg(folder / "worlds_keys.jpg", sheet(pictures["keys"]), 82)
        write_jpg(folder / "worlds_worn.jpg", sheet(pictures["worn"], len(WORN)), 82)
        write_jpg(folder / "worlds_crowds.jpg", np.hstack(pictures["crowds"]), 85)
        write_jpg(folder / "worlds_moves.jpg", sheet(pictures["moves"]), 82)
        write_jpg(folder / "worlds_effects.jpg", sheet([pictures[name][0] for name in effects.FAMILIES]), 82)
        args.write.write_text(page(told), encoding="utf-8")
    return 0


def page(told: dict[str, Any]) -> str:
    """docs/worlds.md: the sheets and the figures."""
    lines = [
        "# Worlds drawn by rule", "",
        "Made by `python -m compositing worlds --write docs/worlds.md`. All here is procedural: no model drew it, so",
        "it owes no AI label. CPU-seconds are those of one core of the machine that ran the command. How an actor is",
        "made to belong in such a place: [belonging.md](belonging.md).", "",
        "## Places", "", f"Each in four lights: {', '.join(LIGHTS)}; two families to a row.", "",
        "![Every family of plates in four lights](pictures/worlds_plates.jpg)", "",
        "Sharp ones are traced at full size; with the usual soft focus a place of solids is traced at half of it, its",
        "depth and its normals being those of the full size all the same.", "",
        f"| family | 1080 x 1920 final, CPU-s (aim {SECONDS_FINAL:g}) | the same without soft focus "
        f"| sheet of {DRAFTS} drafts, CPU-s (aim {SECONDS_SHEET:g}) |",
        "|---|---|---|---|",
    ]  # fmt: skip
    for name, found in told["plates"].items():
        lines.append(f"| {name} | {found.get('final_s', '')} | {found.get('sharp_s', '')} | {found['sheet_s']} |")
    lines += [
        "", "## Other times", "",
        "The same place in the 1980s and in the republican era; with a warm, a cold and a neon palette; bare and",
        f"cluttered: {', '.join(WORN_ROOMS)}.", "",
        "![Places of other periods, palettes and clutter](pictures/worlds_worn.jpg)", "",
        "## Lit from elsewhere", "",
        "As the place has it, from the left, from the right, from behind (`key_azimuth`): " +
        ", ".join(name for name, _ in KEYED) + ".", "",
        "![Places lit from four sides](pictures/worlds_keys.jpg)", "",
        "## Moving", "",
        "A clip as long as its shot, seen anew at every frame from where the camera has come to, exposure locked: " +
        ", ".join(f"{name} ({move})" for name, move, _ in MOVES) + "; a second between the pictures.", "",
        "![Clips of places, one second from picture to picture](pictures/worlds_moves.jpg)", "",
        "The shutter (180° unless asked otherwise) draws out what passes, by each pixel's depth, the camera's way and",
        "how far cars and walkers go by themselves; reflections go with their face, water and clouds stay as they are.",
        "A moving place's depth map holds the later frames' maps and the camera's way, which a crowd follows.", "",
        "With the usual soft focus, which lets frames be seen at half size; sharp ones take about three times as long.",
        "",
        "| family | camera | 1080 x 1920, CPU-s a frame with H.264 and preview | said before for 96 frames, CPU-s |",
        "|---|---|---|---|",
    ]  # fmt: skip
    for name, found in told["clips"].items():
        lines.append(f"| {name} | {found['camera']} | {found['frame_s']} | {found['told_s']} |")
    lines += ["", "## Beside photographs", "", *textwrap.wrap(PHOTOGRAPHS, WIDE), "",
              "![An actor before five photographs, and before five places drawn by rule](pictures/photographs.jpg)", "",
              *textwrap.wrap(LACKING, WIDE), "", "## Effects", "", *textwrap.wrap(EFFECTS_TOLD, WIDE), "",
              "![Every family of effects](pictures/worlds_effects.jpg)", "",
              f"| family | 1080 x 1920, CPU-s a frame with its ProRes 4444 and its preview (aim {SECONDS_FRAME:g}) |",
              "|---|---|"]  # fmt: skip
    lines += [f"| {name} | {found['frame_s']} |" for name, found in told["effects"].items()]
    lines += ["", "## Props", "",
              "![Lantern, umbrella, fan, tea set, desk lamp and sword, by night and by day](pictures/props.jpg)", "",
              *textwrap.wrap(PROPS_TOLD, WIDE)]  # fmt: skip
    lines += ["", "## Crowds", "",
              "On a place's ground by its depth, in its light, blurred as its lens blurs what stands there. Sharp,",
              "people hold from 12 m on through a lens of 36 mm; out of focus as behind a close-up from 6 m or so.",
              "Asked for nearer they stand back, and the draw says from where on: nearer than that, film extras.",
              "They stand where the ground shows beside an actor, alone, in twos that talk, or on their way, and dress",
              "as the place has it.", "",
              "![People in a lobby, a street by day, a palace hall, a street of the republican era]"
              "(pictures/worlds_crowds.jpg)"]  # fmt: skip
    lines += ["", "## On another machine", "",
              "`python -m compositing digests --write FILE` draws every family small and leaves the digests of what",
              "it drew; `--against FILE` on another machine names what differs. Tried on one server, each of the",
              "libraries made to believe in another processor, and on emulated ones: every x86-64 with AVX2 (2013",
              "and later) drew all 231 files alike, with AVX-512 or without. An older x86-64 differed in 5 (two",
              "soft places by a level here and there, smoke, fog and energy), an ARM in 27: previews, whose encoder",
              "differs, two pictures, a moving place and five effects; its depth and normals are the same to the",
              "byte."]  # fmt: skip
    return "\n".join(lines) + "\n"
