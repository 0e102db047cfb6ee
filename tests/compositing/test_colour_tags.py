"""Every film that leaves the engine says its colour, in its stream and in its box; pictures say theirs."""

from pathlib import Path

import av
import numpy as np
import pytest

from compositing import sandbox
from compositing.export import export
from compositing.io.proxy import make_proxy
from compositing.io.video import read_frame
from compositing.render import render
from tests.compositing.media import MEDIA
from tests.compositing.takes import SCREENS, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 3
# ITU-T H.273: BT.709 primaries, transfer and matrix, limited range. The numbers are sRGB-coded and shown by every
# player as they are; `docs/ARCHITECTURE.md` says why the transfer is tagged BT.709.
TAGS = (1, 1, 1, 1)


def in_stream(path) -> tuple[int, ...]:
    with av.open(str(path)) as box:
        context = box.streams.video[0].codec_context
        return (
            int(context.color_primaries), int(context.color_trc), int(context.colorspace), int(context.color_range)
        )  # fmt: skip


def in_frame(path) -> tuple[int, ...]:
    with av.open(str(path)) as box:
        frame = next(box.decode(video=0))
        return int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), int(frame.color_range)


def in_box(path) -> tuple[int, int, int]:
    """Primaries, transfer, matrix of the colour box. Source: ISO/IEC 14496-12, 12.1.5; QuickTime `nclc`."""
    data = Path(path).read_bytes()
    at = data.index(b"colr") + 4
    assert data[at : at + 4] in (b"nclc", b"nclx")
    first, second, third = (int.from_bytes(data[at + 4 + 2 * n : at + 6 + 2 * n], "big") for n in range(3))
    return first, second, third


def require_tags(path) -> None:
    assert in_stream(path) == TAGS, path
    assert in_frame(path) == TAGS, path
    assert in_box(path) == TAGS[:3], path


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tags")
    plates, _mattes, _body = take(SCREENS["green"], FRAMES)
    return two_layers(film(folder / "take.mp4", plates), background(folder / "bg.png"), FRAMES)


@pytest.mark.parametrize("quality", ["final", "draft"])
def test_a_comps_films_are_tagged(scene, tmp_path, quality):
    made = render(*scene, tmp_path, quality=quality)
    films = [value for name, value in made.items() if str(value).endswith(".mp4")]
    assert made["master"] in films
    for path in films:
        require_tags(path)


def test_a_takes_proxy_is_tagged_whatever_the_take_says(tmp_path):
    for name in ("plain.mp4", "untagged_small.mp4"):
        make_proxy(MEDIA / name, tmp_path / name)
        require_tags(tmp_path / name / "proxy.mp4")


def test_a_master_is_tagged(tmp_path):
    args = {"items": [{"path": str(MEDIA / "plain.mp4"), "frame_in": 0, "frame_out": 5}], "fps": 24}
    size = {"width": 540, "height": 960, "label": {}}
    out = tmp_path / "master.mp4"
    sandbox.run("conform", {**args, **size, "out": str(out)})
    require_tags(out)


def test_an_effects_clip_and_its_preview_are_tagged(tmp_path):
    size = {"frames": 4, "fps_num": 24, "fps_den": 1, "width": 96, "height": 160}
    made = sandbox.run("effect", {"family": "rain", "seed": 1, **size, "out_dir": str(tmp_path)})
    require_tags(made["clip"])
    require_tags(made["preview"])


def test_an_exported_film_is_tagged_and_its_colour_reads_back(scene, tmp_path):
    made = export(*scene, tmp_path, "prores4444")
    require_tags(made["path"])
    shown = read_frame(made["path"], 1, bits=16, alpha=True)
    assert shown.dtype == np.uint16 and shown[..., 3].max() > 65000
