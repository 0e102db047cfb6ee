"""Renders: whole, deterministic, resumable; stills agree with them; the command line refuses in sentences."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import compositing.render as rendering
import compositing.sources
from compositing.cli import Progress, main
from compositing.colour import code8
from compositing.errors import Refused
from compositing.fused import Fused
from compositing.graph import Comp
from compositing.io.pictures import read_picture, write_png8, write_png16
from compositing.io.video import VideoWriter, open_frames, video_info
from compositing.keying import screen_check_op
from compositing.recipe import MODES, VIEWS, LayerRecipe, Recipe
from compositing.render import file_sha256, render, render_op, still_op
from tests.compositing.takes import HEIGHT, SCREENS, WIDTH, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 10
Quiet = Callable[[int, int, str], None]


def quiet(done: int, total: int, stage: str) -> None:
    """A listener that does not listen."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("take")
    return film(folder / "take.mp4", take(SCREENS["green"], FRAMES)[0]), background(folder / "bg.png")


@pytest.fixture()
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "CHUNK_FRAMES", 4)


def test_a_render_makes_every_film_with_every_frame(
    clip: tuple[Path, Path], tmp_path: Path, short_chunks: None
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    told: list[tuple[int, int, str]] = []
    result = render(recipe, paths, tmp_path, lambda *message: told.append(message))
    for name in ("master", "proxy", "matte", "foreground"):
        info = video_info(result[name])
        assert (info.frame_count, info.fps, info.vfr) == (FRAMES, Fraction(24), False), name
        assert len(list(open_frames(result[name]))) == FRAMES
    assert (result["frame_count"], result["width"], result["height"]) == (FRAMES, WIDTH, HEIGHT)
    assert result["sha256"] == file_sha256(result["master"])
    assert result["report"]["screens"]["actor"]["name"] == "green"
    assert Path(result["poster"]).stat().st_size and Path(result["filmstrip"]).stat().st_size
    assert told[-1] == (FRAMES, FRAMES, "join")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "filmstrip.jpg", "foreground.mp4", "master.mp4", "matte.mp4", "poster.jpg", "proxy.mp4", "worst.jpg"
    ]  # fmt: skip


def test_review_proxies_can_be_seeked(clip: tuple[Path, Path], tmp_path: Path) -> None:
    plates = take(SCREENS["green"], 30)[0]
    recipe, paths = two_layers(film(tmp_path / "long.mp4", plates), clip[1], 30)
    result = render(recipe, paths, tmp_path / "out")
    for name in ("proxy", "matte", "foreground"):
        with av.open(result[name]) as box:
            keys = [n for n, packet in enumerate(p for p in box.demux(video=0) if p.size) if packet.is_keyframe]
        assert keys[0] == 0
        assert max(np.diff([*keys, 30])) <= 12, name
        head = Path(result[name]).read_bytes()
        assert head.index(b"moov") < head.index(b"mdat"), "faststart"


def test_the_same_recipe_gives_the_same_bytes_on_any_number_of_threads(
    clip: tuple[Path, Path], tmp_path: Path, short_chunks: None
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    told: list[int] = []
    first = render(recipe, paths, tmp_path / "one", workers=1)
    second = render(recipe, paths, tmp_path / "many", lambda done, _total, _stage: told.append(done), workers=8)
    assert told == sorted(told), "two lanes count in one row"
    assert first["sha256"] == second["sha256"]
    for name in ("proxy", "matte", "foreground", "poster", "filmstrip"):
        assert Path(first[name]).read_bytes() == Path(second[name]).read_bytes(), name


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_render_goes_on_from_its_last_chunk(
    clip: tuple[Path, Path], tmp_path: Path, short_chunks: None, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode=mode)
    whole = render(recipe, paths, tmp_path / "whole")
    real = Fused.pictures

    def dies(self: Any, index: int, raws: list[Any]) -> Any:
        if index >= 6:
            raise KeyboardInterrupt
        return real(self, index, raws)

    monkeypatch.setattr(Fused, "pictures", dies)
    with pytest.raises(KeyboardInterrupt):
        render(recipe, paths, tmp_path / "cut")
    assert not (tmp_path / "cut" / "master.mp4").exists(), "an unfinished film must not carry the finished one's name"
    monkeypatch.setattr(Fused, "pictures", real)
    resumed = render(recipe, paths, tmp_path / "cut")
    assert resumed["frames_rendered"] == FRAMES - 4
    assert resumed["sha256"] == whole["sha256"]


def test_another_recipe_does_not_take_over_old_chunks(
    clip: tuple[Path, Path], tmp_path: Path, short_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)

    def dies(parts: list[Path], target: Path) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(rendering, "join_films", dies)
        with pytest.raises(OSError, match="disk"):
            render(recipe, paths, tmp_path)
    changed = recipe.with_layer(replace(recipe.layer("actor"), key={"despill_milli": 100}))
    assert render(changed, paths, tmp_path)["frames_rendered"] == FRAMES


def test_the_comp_shows_the_actor_over_the_background(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(
        *clip, FRAMES, match={"wrap_milli": 0, "colour_milli": 0, "grain_milli": 0, "exposure_match_milli": 0}
    )
    comp = Comp(recipe, paths)
    frame = comp.still(3)
    _, mattes, body = take(SCREENS["green"], FRAMES)
    behind = read_picture(clip[1])
    shown = frame.view("comp").astype(int)
    clear, solid = mattes[3] == 0, mattes[3] == 1
    assert np.abs(shown[clear] - behind[clear]).mean() < 1.5
    assert np.abs(shown[solid] - code8(body)[solid]).mean() < 4


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_a_still(clip: tuple[Path, Path], tmp_path: Path, view: str) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    out = tmp_path / f"{view}.png"
    result = still_op(
        {"recipe": recipe.to_dict(), "sources": paths, "frame": 2, "width": 72, "view": view, "out": str(out)}, quiet
    )
    picture = read_picture(out)
    assert picture.shape == (128, 72, 3)
    assert result["sha256"] == file_sha256(out)
    assert picture.std() > (0.1 if view == "spill" else 1)  # a take without spill has little to take off
    if view == "matte":
        assert set(np.unique(picture)) >= {0, 255}


def test_a_still_agrees_with_the_render(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    result = render_op({"recipe": recipe.to_json(), "sources": paths, "out_dir": str(tmp_path)}, quiet)
    film_frame = list(open_frames(result["master"]))[5].astype(int)
    still = Comp(recipe, paths).still(5).view("comp").astype(int)
    assert np.abs(film_frame - still).mean() < 2


def test_a_tweak_does_not_read_the_clip_again(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    args = {"recipe": recipe.to_dict(), "sources": paths, "frame": 4, "width": 72, "out": str(tmp_path / "a.jpg")}
    still_op(args, quiet)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("decoded again")

    monkeypatch.setattr(compositing.sources, "open_frames", forbidden)
    tweaked = recipe.with_layer(replace(recipe.layer("actor"), key={"despill_milli": 300}))
    still_op({**args, "recipe": tweaked.to_dict(), "out": str(tmp_path / "b.jpg")}, quiet)


def test_a_view_that_is_not_there_is_refused(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    args = {"recipe": recipe.to_dict(), "sources": paths, "frame": 0, "view": "dream", "out": str(tmp_path / "x.png")}
    with pytest.raises(Refused, match="dream"):
        still_op(args, quiet)
    with pytest.raises(Refused, match="no frame 99"):
        still_op({**args, "view": "comp", "frame": 99}, quiet)
    assert not list(tmp_path.iterdir())


def test_five_layers_stack_from_the_bottom_up(clip: tuple[Path, Path], tmp_path: Path) -> None:
    """Background, a crowd with alpha, the actor, an effect film with alpha, a foreground picture with alpha."""
    crowd = np.zeros((HEIGHT, WIDTH, 4), np.uint16)
    crowd[150:, :, 0], crowd[150:, :, 3] = 60000, 65535
    write_png16(tmp_path / "crowd.png", crowd)
    with VideoWriter(tmp_path / "effect.mov", WIDTH, HEIGHT, 24, 1, alpha=True) as writer:
        for _ in range(3):
            four = np.zeros((HEIGHT, WIDTH, 4), np.uint16)
            four[:40, :40, 2], four[:40, :40, 3] = 65535, 65535
            writer.write(four)
    front = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    front[-30:, :, 1], front[-30:, :, 3] = 255, 255
    write_png8(tmp_path / "front.png", front)
    recipe, paths = two_layers(*clip, FRAMES)
    files = {"crowd": "crowd.png", "effect": "effect.mov", "foreground": "front.png"}
    for name in files.values():
        paths[file_sha256(tmp_path / name)] = str(tmp_path / name)
    extra = {
        kind: LayerRecipe(kind, kind, file_sha256(tmp_path / name), extend="loop" if kind == "effect" else "hold")
        for kind, name in files.items()
    }
    back, actor = recipe.layers
    stacked = replace(recipe, layers=(back, extra["crowd"], actor, extra["effect"], extra["foreground"]))
    comp = Comp(stacked, paths).still(8)
    shown = comp.view("comp")
    assert shown[10, 10, 2] > 240 and shown[10, 10, 0] < 20, "the effect, looped past its third frame"
    assert shown[-5, WIDTH // 2, 1] > 240, "the foreground over the actor"
    assert shown[200, 2, 0] > 200, "the crowd beside the actor"
    alpha = comp.alpha
    assert alpha[200, WIDTH // 2] > 0.98, "the matte is the actor's alone"
    assert alpha[10, 10] < 0.02


def test_an_offset_layer_starts_later_and_clears_at_its_end(clip: tuple[Path, Path]) -> None:
    recipe, paths = two_layers(*clip, 20)
    late = recipe.with_layer(replace(recipe.layer("actor"), frame_offset=-4, extend="clear"))
    comp = Comp(late, paths)
    assert comp.still(2).alpha.max() == 0
    assert comp.still(5).alpha.max() == 1
    assert comp.still(18).alpha.max() == 0
    in_order = [frame.alpha.max() > 0 for _, frame in rendering.frames_in_order(comp, 0, 20, lambda _, f: f)]
    assert in_order == [False] * 4 + [True] * FRAMES + [False] * 6


def test_a_landscape_take_is_cropped_where_it_is_told(tmp_path: Path) -> None:
    plates = [
        np.concatenate([p, np.tile(p[:1, :1], (HEIGHT, 2 * WIDTH, 1))], axis=1) for p in take(SCREENS["green"], 3)[0]
    ]
    source = film(tmp_path / "wide.mp4", plates)
    behind = background(tmp_path / "bg.png")
    recipe, paths = two_layers(source, behind, 3)
    left = recipe.with_layer(replace(recipe.layer("actor"), centre_milli=167))
    right = recipe.with_layer(replace(recipe.layer("actor"), centre_milli=900))
    assert Comp(left, paths).still(0).alpha.mean() > 0.3
    assert Comp(right, paths).still(0).alpha.mean() < 0.05


def test_a_missing_source_is_named(clip: tuple[Path, Path]) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    with pytest.raises(Refused, match="not given"):
        Comp(recipe, {sha: path for sha, path in paths.items() if sha != recipe.layer("actor").source})


def test_the_screen_check_reads_a_film(clip: tuple[Path, Path]) -> None:
    result = screen_check_op({"path": str(clip[0]), "centre_milli": 500}, quiet)
    assert (result["found"], result["name"]) == (True, "green")
    json.dumps(result)


def test_comp_writes_its_film_and_says_what_it_found(
    clip: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a folder" / "comp.mp4"
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"key": {"despill_milli": 700}, "match": {"wrap_milli": 0}}))
    arguments = ["comp", str(clip[0]), "--background", str(clip[1]), "--out", str(out), "--recipe", str(settings)]
    assert main([*arguments, "--mode", "best"]) == 0
    captured = capsys.readouterr()
    assert "green screen" in captured.out
    assert "Frame" in captured.err
    assert video_info(out).frame_count == FRAMES
    assert [p.name for p in out.parent.iterdir()] == ["comp.mp4"], "nothing is left beside it"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["comp", "nowhere.mp4", "--out", "x.mp4"], "does not exist"), (["comp", "TAKE"], "Say where to write"),
     (["comp", "TAKE", "--out", "OUT", "--size", "big"], "1080x1920"), (["compare", "TAKE", "TAKE"], "not a folder"),
     (["comp", "TAKE", "--background", "nowhere.png", "--out", "OUT"], "does not exist")],
)  # fmt: skip
def test_the_command_line_refuses_in_a_sentence(
    clip: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    named = {"TAKE": str(clip[0]), "OUT": str(tmp_path / "o.mp4")}
    assert main([named.get(argument, argument) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_a_take_without_a_screen_is_refused_before_any_work(
    clip: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = film(tmp_path / "grey.mp4", take((128, 130, 127), 3)[0])
    assert main(["comp", str(grey), "--background", str(clip[1]), "--out", str(tmp_path / "o.mp4"), "--quiet"]) == 2
    assert "No screen was found" in capsys.readouterr().err
    assert not (tmp_path / "o.mp4").exists()


def test_progress_says_how_long_is_left() -> None:
    class Paper:
        def __init__(self) -> None:
            self.text = ""

        def isatty(self) -> bool:
            return False

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            """Nothing is held back."""

    clock = iter(range(0, 1000, 10))
    paper = Paper()
    progress = Progress(paper, lambda: float(next(clock)))
    for done in (1, 2, 3):
        progress(done, 10, "frames")
    assert "Frame 3 of 10, 30 %, 1 min 10 s left" in paper.text


def test_a_recipe_is_read_whole_from_a_file(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, _ = two_layers(*clip, FRAMES, key={"gain_milli": 1100})
    stored = tmp_path / "stored.json"
    stored.write_text(recipe.to_json())
    out = tmp_path / "o.mp4"
    assert main(["comp", str(clip[0]), "--recipe", str(stored), "--out", str(out), "--frames", "3", "--quiet"]) == 0
    assert video_info(out).frame_count == 3
    assert isinstance(Recipe.from_json(stored.read_text()), Recipe)
