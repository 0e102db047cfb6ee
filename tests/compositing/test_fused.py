"""The fused path gives the plain picture; bytes hang on neither threads nor the order of chunks; room is bounded."""

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

import compositing.render as rendering
from compositing.colour import decode_srgb, encode_srgb, light_of
from compositing.films import FILMS, Room, film_size
from compositing.fused import Fused, planar, rgb_of
from compositing.fused_copy import affine
from compositing.fused_light import code_of
from compositing.graph import Comp
from compositing.io.video import VideoWriter, open_frames
from compositing.io.writer import ACCURATE
from compositing.recipe import LayerRecipe, Recipe, plain
from compositing.render import drafted, render
from tests.compositing.takes import SCREENS, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 10
NAMES = ("master", "proxy", "matte", "foreground")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("take")
    return film(folder / "take.mp4", take(SCREENS["green"], FRAMES)[0]), background(folder / "bg.png")


def planes_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the writer makes of an RGB picture: rows of Y, then U and V."""
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    made = frame.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG, interpolation=ACCURATE,
    )  # fmt: skip
    return np.asarray(made.to_ndarray(), np.uint8)


def both(recipe: Recipe, paths: dict[str, str], index: int) -> list[tuple[str, NDArray[np.uint8], NDArray[np.uint8]]]:
    """(film, fused planes, plain planes) of one frame."""
    comp = Comp(recipe, paths)
    films = FILMS[recipe.mode]
    sizes = {one.name: film_size(one, comp.width, comp.height) for one in films}
    fused = Fused.of(comp, films, sizes)
    assert fused is not None
    made, _ = fused.pictures(index, comp.raw_at(index))
    frame = comp.still(index)
    return [(one.name, made[one.name], planes_of(frame.view(one.view, sizes[one.name]))) for one in films]


@pytest.mark.parametrize("screen", ["green", "blue"])
@pytest.mark.parametrize("tasteful", [True, False])
@pytest.mark.parametrize("mode", ["fast", "best"])
def test_the_fused_path_gives_the_plain_picture_to_a_code(
    tmp_path: Path, screen: str, tasteful: bool, mode: str
) -> None:
    recipe, paths = two_layers(
        film(tmp_path / "take.mp4", take(SCREENS[screen], 4)[0]), background(tmp_path / "bg.png"), 4, mode=mode
    )
    for name, mine, theirs in both(recipe if tasteful else plain(recipe), paths, 2):
        luma = mine.shape[0] * 2 // 3
        apart = np.abs(mine.astype(int) - theirs)
        assert np.percentile(apart[:luma], 99) <= 1, name
        # What is only graded is not rounded to 8-bit red, green and blue on its way here, as it is there.
        assert apart[:luma].mean() < 0.18, name
        # Colour is halved by a box here and by a longer filter there: they differ at hard edges alone.
        assert np.percentile(apart[luma:], 98) <= 2, name
        assert apart[luma:].mean() < 0.3, name


@pytest.mark.parametrize(("width", "height"), [(18, 64), (34, 50), (66, 30)])
def test_a_picture_that_blocks_do_not_divide_is_right_to_its_edge(tmp_path: Path, width: int, height: int) -> None:
    """A block is 32 pixels wide and is worked on whole: what lies beyond the picture's edge must not be seen in it."""
    plates = [np.asarray(cv2.resize(plate, (width, height))) for plate in take(SCREENS["green"], 2)[0]]
    recipe, paths = two_layers(
        film(tmp_path / "take.mp4", plates), background(tmp_path / "bg.png", width, height), 2,
        width=width, height=height, mode="fast",
    )  # fmt: skip
    for asked in (recipe, plain(recipe)):
        for name, mine, theirs in both(asked, paths, 1):
            luma = mine.shape[0] * 2 // 3
            assert np.abs(mine.astype(int) - theirs)[:luma, -32:].max() <= 6, name


def test_a_moving_background_goes_the_fused_way_too(clip: tuple[Path, Path], tmp_path: Path) -> None:
    moving = film(tmp_path / "moving.mp4", take(SCREENS["blue"], 4)[0])
    recipe, paths = two_layers(clip[0], moving, 4)
    for name, mine, theirs in both(recipe, paths, 1):
        luma = mine.shape[0] * 2 // 3
        assert np.percentile(np.abs(mine.astype(int) - theirs)[:luma], 99) <= 2, name


def test_what_the_fused_path_does_not_know_goes_the_plain_way(clip: tuple[Path, Path]) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    actor = recipe.layer("actor")
    others = [
        replace(recipe.with_layer(replace(actor, key={"temporal_milli": 500})), mode="best"),
        recipe.with_layer(replace(actor, key={"soften_px_milli": 2000})),
        recipe.with_layer(replace(actor, place={"x_milli": 100})),
        recipe.with_layer(replace(actor, fit="contain", extend="clear")),
        replace(recipe, layers=(*recipe.layers, LayerRecipe("front", "foreground", recipe.layers[0].source))),
    ]
    for other in others:
        assert Fused.of(Comp(other, paths), FILMS["fast"], {}) is None, other
    graded = recipe.with_layer(replace(actor, place={"exposure_milli": 200}))
    assert Fused.of(Comp(graded, paths), FILMS["fast"], {}) is not None


def test_polynomials_stay_on_the_curve_of_srgb() -> None:
    coded = np.linspace(0, 1.25, 4001).astype(np.float32)
    light = np.array([light_of(value) for value in coded])
    # In codes: an error of light weighs as much as it shifts what it is coded as.
    slope = np.maximum(np.gradient(decode_srgb(coded), coded), 1e-6)
    assert np.abs((light - decode_srgb(coded)) / slope).max() * 255 < 0.02
    linear = np.linspace(0, 1, 4001).astype(np.float32)
    codes = np.array([code_of(value) for value in linear])
    assert np.abs(codes - encode_srgb(linear) * 255).max() < 0.52
    assert code_of(np.float32(-1)) == 0 and code_of(np.float32(9)) == 255


def test_what_holds_no_spill_is_the_films_own_picture() -> None:
    coding = np.array([1 / 219, 16, 1 / 224, 128, 0.2126, 0.0722, 0.02], np.float32)
    assert np.array_equal(affine(np.ones(3), coding), np.eye(3, 4))
    # Graded on the way through light, red by 1.2 and blue by 0.9, and by the affine map of its planes alone.
    gains, rng = np.array([1.2, 1.0, 0.9]), np.random.Generator(np.random.PCG64(2))
    coded = rng.uniform(0.15, 0.8, (500, 3))
    for rgb in coded:
        graded = encode_srgb(decode_srgb(rgb) * gains.astype(np.float32))
        given, wanted = (
            np.array([plane[0, 0] for plane in planar(np.broadcast_to(part, (2, 2, 3)).astype(np.float32))])
            for part in (rgb, graded)
        )
        assert np.abs(affine(gains, coding) @ np.append(given, 1) - wanted).max() < 0.05


def test_a_planar_picture_is_the_same_picture(clip: tuple[Path, Path], tmp_path: Path) -> None:
    rgb = next(open_frames(clip[1].parent / "take.mp4"))
    height, width = rgb.shape[:2]
    planes = planes_of(rgb)
    with VideoWriter(tmp_path / "planes.mp4", width, height, 24, 1, crf=1) as writer:
        writer.write(planes)
    with VideoWriter(tmp_path / "rgb.mp4", width, height, 24, 1, crf=1) as writer:
        writer.write(rgb)
    first, second = (next(open_frames(tmp_path / name)) for name in ("planes.mp4", "rgb.mp4"))
    assert np.array_equal(first, second)
    assert np.abs(rgb_of(planes, (width // 4, height // 4)).astype(int).mean() - rgb.mean()) < 1


@pytest.mark.parametrize("mode", ["fast", "best"])
def test_bytes_hang_on_neither_threads_nor_the_order_of_chunks(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(rendering, "CHUNK_FRAMES", 4)
    recipe, paths = two_layers(*clip, FRAMES, mode=mode)
    one = render(recipe, paths, tmp_path / "one", workers=1)
    many = render(recipe, paths, tmp_path / "many", workers=5)
    # As by two machines, and back to front: the last chunk, then the first, then whoever joins them makes the rest.
    comp, films = Comp(recipe, paths), FILMS[mode]
    sizes = {each.name: film_size(each, comp.width, comp.height) for each in films}
    folder = tmp_path / "parts" / f"chunks-{rendering.render_key(recipe)}"
    folder.mkdir(parents=True)
    for number in (2, 0):
        with rendering.Judge(comp, folder) as judge:
            rendering._chunks(comp, films, sizes, folder, [number], lambda *_: None, None, 2, judge)
    parts = render(recipe, paths, tmp_path / "parts")
    assert parts["frames_rendered"] == 4
    for name in NAMES:
        assert Path(one[name]).read_bytes() == Path(many[name]).read_bytes(), name
        assert Path(one[name]).read_bytes() == Path(parts[name]).read_bytes(), name


def test_neighbours_are_read_across_chunk_borders(clip: tuple[Path, Path]) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode="best")
    comp = Comp(recipe, paths)
    seen: dict[int, tuple[int, int]] = {}
    composed = comp.composed

    def noted(index: int, near: list[list[object]], at: int) -> object:
        seen[index] = (at, len(near) - 1 - at)
        return composed(index, near, at)

    comp.reach, comp.composed = 2, noted  # type: ignore[method-assign, assignment]
    made = [index for index, _ in rendering.frames_in_order(comp, 3, 6, lambda index, _: index)]
    assert made == [3, 4, 5]
    assert seen == {3: (2, 2), 4: (2, 2), 5: (2, 2)}
    seen.clear()
    list(rendering.frames_in_order(comp, 0, FRAMES, lambda index, _: index))
    assert seen[0] == (0, 2) and seen[1] == (1, 2) and seen[FRAMES - 1] == (2, 0) and len(seen) == FRAMES


def test_no_more_frames_are_under_way_than_there_is_room_for(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = under_way = 0
    take_, give = Room.take, Room.give
    lock = rendering.Room(1)._free

    def counted_take(self: Room, failed: object) -> None:
        nonlocal most, under_way
        take_(self, failed)  # type: ignore[arg-type]
        with lock:
            under_way += 1
            most = max(most, under_way)

    def counted_give(self: Room) -> None:
        nonlocal under_way
        with lock:
            under_way -= 1
        give(self)

    monkeypatch.setattr(Room, "take", counted_take)
    monkeypatch.setattr(Room, "give", counted_give)
    recipe, paths = two_layers(*clip, FRAMES)
    render(recipe, paths, tmp_path, workers=2)
    assert under_way == 0, "each frame gives its room back"
    assert 1 <= most <= 7


def test_a_film_that_cannot_be_written_stops_the_render(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = VideoWriter.write

    def full(self: VideoWriter, picture: NDArray[np.uint8]) -> None:
        if self.path.name.endswith("matte.mp4") and self.frame_count == 2:
            raise OSError(28, "No space left on device")
        written(self, picture)

    monkeypatch.setattr(VideoWriter, "write", full)
    recipe, paths = two_layers(*clip, FRAMES)
    with pytest.raises(OSError, match="No space"):
        render(recipe, paths, tmp_path)
    assert not (tmp_path / "master.mp4").exists()
    assert not list(tmp_path.rglob("*.part"))


def test_a_draft_has_half_the_size_and_every_frame(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode="best")
    made = render(recipe, paths, tmp_path / "draft", quality="draft")
    assert (made["width"], made["height"], made["frame_count"]) == (recipe.width // 2, recipe.height // 2, FRAMES)
    assert made["quality"] == "draft" and made["recipe_sha256"] == recipe.sha256() and made["qc"] is None
    assert Path(made["master"]).read_bytes() == Path(made["proxy"]).read_bytes(), "one film, encoded once"
    assert drafted(recipe).mode == "fast"
    final = render(recipe, paths, tmp_path / "final")
    small = [picture.mean() for picture in open_frames(made["master"])]
    full = [picture.mean() for picture in open_frames(final["master"])]
    assert np.abs(np.subtract(small, full)).max() < 3, "a draft shows the same film"
