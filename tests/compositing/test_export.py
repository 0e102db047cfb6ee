"""The keyed foreground as other programs get it: read back, laid over another background, and tagged."""

import zipfile
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from compositing import sandbox
from compositing.colour import decode_srgb
from compositing.errors import Refused
from compositing.export import export, spread, straight16
from compositing.frame import straight
from compositing.graph import Comp
from compositing.io.exr import read_exr, read_header
from compositing.io.pictures import decode_picture
from compositing.io.probe import probe
from compositing.io.video import open_frames
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256
from tests.compositing.takes import HEIGHT, SCREENS, WIDTH, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 4


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    plates, _mattes, _body = take(SCREENS["green"], FRAMES)
    recipe, paths = two_layers(film(folder / "take.mp4", plates), background(folder / "bg.png"), FRAMES)
    comp = Comp(recipe, paths)
    return recipe, paths, [comp.still(index).actor for index in range(FRAMES)]


def test_exr_is_the_layer_itself_in_halves(scene, tmp_path):
    recipe, paths, actors = scene
    made = export(recipe, paths, tmp_path, "exr", name="EP01_fg", start_frame=1001)
    with zipfile.ZipFile(made["path"]) as box:
        assert box.namelist() == [f"EP01_fg/EP01_fg.{1001 + n}.exr" for n in range(FRAMES)]
        files = [box.read(name) for name in box.namelist()]
    for data, actor in zip(files, actors, strict=True):
        assert np.array_equal(read_exr(data, "a", 10**7), actor.astype(np.float16).astype(np.float32))
        head = read_header(data, "a")
        assert head.half and head.fps == 24 and head.chromaticities[0] == pytest.approx(0.64)
    assert made["sha256"] == file_sha256(made["path"]) and made["frame_count"] == FRAMES


def test_png_is_straight_and_comes_back_over_any_background(scene, tmp_path):
    recipe, paths, actors = scene
    made = export(recipe, paths, tmp_path, "png")
    with zipfile.ZipFile(made["path"]) as box:
        files = [box.read(name) for name in box.namelist()]
    for data, actor in zip(files, actors, strict=True):
        picture = decode_picture(data, "a").astype(np.float64) / 65535
        alpha = picture[..., 3:]
        assert np.abs(alpha[..., 0] - np.clip(actor[..., 3], 0, 1)).max() < 1e-4
        again = decode_srgb(picture[..., :3]) * alpha
        assert np.abs(again - np.clip(actor[..., :3], 0, 1)).max() < 2e-3


def test_prores_is_straight_and_its_edges_come_back_clean(scene, tmp_path):
    recipe, paths, actors = scene
    made = export(recipe, paths, tmp_path, "prores4444")
    facts = probe(made["path"])
    assert (facts.codec, facts.pix_fmt, facts.has_alpha, facts.frame_count) == ("prores", "yuva444p12le", True, FRAMES)
    worst = []
    for picture, actor in zip(open_frames(made["path"], bits=16, alpha=True), actors, strict=True):
        back = picture.astype(np.float64) / 65535
        over_white = decode_srgb(back[..., :3]) * back[..., 3:] + (1 - back[..., 3:])
        truth = np.clip(actor[..., :3], 0, 1) + (1 - np.clip(actor[..., 3:], 0, 1))
        worst.append(np.abs(over_white - truth))
    assert np.mean(worst) < 2e-3 and np.percentile(worst, 99.9) < 0.02


def test_colour_is_carried_outward_so_that_a_codec_cannot_darken_an_edge(scene):
    actor = scene[2][0]
    colour = spread(actor)
    edge = (actor[..., 3] > 0.02) & (actor[..., 3] < 0.98)
    assert np.abs(colour[edge] - (actor[..., :3] / np.maximum(actor[..., 3:], 1e-6))[edge]).max() < 0.02
    clear = actor[..., 3] == 0
    assert clear.any() and colour[clear].min() > 0.01  # never black beside the actor, as `straight` alone leaves it
    assert straight(actor)[clear][:, :3].max() == 0
    assert straight16(actor).dtype == np.uint16


def test_the_same_recipe_gives_the_same_bytes(scene, tmp_path):
    recipe, paths, _actors = scene
    for kind in ("prores4444", "png", "exr"):
        first, second = (export(recipe, paths, tmp_path / place, kind)["sha256"] for place in "ab")
        assert first == second, kind


def test_what_has_no_foreground_is_refused(tmp_path):
    behind = background(tmp_path / "bg.png")
    sha = file_sha256(behind)
    recipe = Recipe(WIDTH, HEIGHT, 24, 1, 2, (LayerRecipe("b", "background", sha),))
    with pytest.raises(Refused) as refused:
        export(recipe, {sha: str(behind)}, tmp_path, "png")
    assert refused.value.code == "no_keyed_layer"


def test_an_export_is_a_take_again(scene, tmp_path):
    """Out and in: an exported sequence uploaded as a take shows the same light and is not keyed again."""
    recipe, paths, actors = scene
    made = sandbox.run(
        "export",
        {
            "recipe": recipe.to_dict(),
            "sources": dict(paths),
            "out_dir": str(tmp_path),
            "kind": "exr",
            "name": "fg/../x",
        },
    )
    assert made["path"] == str(tmp_path / "fg..x.zip")
    sha = made["sha256"]
    again = Recipe(WIDTH, HEIGHT, 24, 1, FRAMES, (LayerRecipe("actor", "actor", sha),))
    comp = Comp(again, {sha: made["path"]})
    assert comp.layers[0].keyer is None
    assert np.abs(comp.still(2).actor - actors[2]).max() < 2e-3


def colr_of(path):
    """(primaries, transfer, matrix) of a MOV or MP4's colour box. Source: ISO/IEC 14496-12, 12.1.5."""
    data = path.read_bytes()
    at = data.index(b"colr") + 4
    assert data[at : at + 4] in (b"nclc", b"nclx")
    return tuple(int.from_bytes(data[at + 4 + 2 * n : at + 6 + 2 * n], "big") for n in range(3))


def test_exports_carry_their_colour_tags(scene, tmp_path):
    recipe, paths, _actors = scene
    mov = export(recipe, paths, tmp_path, "prores4444")["path"]

    assert colr_of(Path(mov)) == (1, 1, 1)
    with av.open(mov) as box:
        context = box.streams.video[0].codec_context
        tags = context.color_primaries, context.color_trc, context.colorspace, context.color_range
        assert [int(tag) for tag in tags] == [1, 1, 1, 1]
    with zipfile.ZipFile(export(recipe, paths, tmp_path, "png")["path"]) as box:
        data = box.read(box.namelist()[0])
    at = data.index(b"sRGB")
    assert data[at + 4] == 0 and int.from_bytes(data[at + 5 : at + 9], "big") == zlib.crc32(data[at : at + 5])
