"""Rain: alpha that loops, leans with the wind and thickens with density; the same bytes each time."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from compositing.effects import FAMILIES, effect_op, estimate_seconds
from compositing.effects.rain import frames_of_rain
from compositing.errors import Refused

WIDTH, HEIGHT, FRAMES = 72, 128, 12


def args(folder: Path, **change: Any) -> dict[str, Any]:
    return {
        "family": "rain",
        "params": {},
        "seed": 4,
        "frames": FRAMES,
        "fps_num": 24,
        "fps_den": 1,
        "width": WIDTH,
        "height": HEIGHT,
        "out_dir": str(folder),
        **change,
    }


def alphas(width: int = 144, height: int = 256, frames: int = FRAMES, **params: Any) -> np.ndarray:
    settings = FAMILIES["rain"].settings(params)
    drawn = frames_of_rain(settings, seed=4, frames=frames, fps_num=24, fps_den=1, width=width, height=height)
    return np.stack([picture[..., 3].astype(np.float64) / 65535 for picture in drawn])


def test_the_clip_is_prores_4444_with_straight_alpha_of_the_asked_length(tmp_path: Path) -> None:
    result = effect_op(args(tmp_path), lambda *_: None)
    with av.open(result["clip"]) as box:
        stream = box.streams.video[0]
        assert stream.codec_context.name == "prores" and stream.codec_context.pix_fmt.startswith("yuva444p")
        assert stream.average_rate == 24
        frames = [frame.to_ndarray(format="rgba64le") for frame in box.decode(stream)]
    assert len(frames) == FRAMES == result["frame_count"]
    alpha = np.stack([frame[..., 3] for frame in frames]) / 65535
    assert 0.001 < alpha.mean() < 0.3
    # straight: the colour does not darken where the rain is thin, so no dark edge shows
    thin = frames[0][alpha[0] < 0.01][:, :3] / 257
    assert abs(thin - [203, 216, 228]).max() < 4
    with av.open(result["preview"]) as box:
        assert sum(1 for _ in box.decode(video=0)) == FRAMES
    assert Path(result["poster"]).read_bytes()[:2] == b"\xff\xd8"


def test_the_same_wish_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (effect_op(args(tmp_path / name), lambda *_: None) for name in ("a", "b"))
    for key in ("clip", "preview", "poster"):
        assert Path(first[key]).read_bytes() == Path(second[key]).read_bytes()
    other = effect_op(args(tmp_path / "c", seed=5), lambda *_: None)
    assert Path(other["clip"]).read_bytes() != Path(first["clip"]).read_bytes()


@pytest.mark.parametrize("splash", [0, 80])
def test_the_last_frame_leads_into_the_first(splash: int) -> None:
    made = alphas(frames=24, splash=splash)
    steps = [float(np.abs(made[n] - made[n - 1]).mean()) for n in range(24)]
    assert steps[0] < 1.25 * max(steps[1:])
    assert min(steps) > 0


def test_density_opacity_and_wind_do_what_they_say() -> None:
    light, heavy = alphas(density=15).mean(), alphas(density=90).mean()
    assert heavy > 3 * light
    assert alphas(opacity=90).mean() > 1.3 * alphas(opacity=40).mean()

    def lean(wind: int) -> float:
        """The shift to the right, in pixels over ten rows, at which rows agree best."""
        drawn = alphas(wind=wind, density=30)[3]
        scores = [float((drawn[10:, 20:-20] * np.roll(drawn[:-10], k, 1)[:, 20:-20]).sum()) for k in range(-8, 9)]
        return float(np.argmax(scores) - 8)

    assert lean(100) > 2 and lean(-100) < -2 and abs(lean(0)) <= 1


def test_splashes_stay_on_the_ground() -> None:
    dry, wet = alphas(splash=0), alphas(splash=100)
    extra = np.abs(wet - dry).mean((0, 2))
    assert extra[: int(0.6 * 256)].max() < 1e-6
    assert extra[int(0.85 * 256) :].mean() > 0.003


def test_progress_counts_frames(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    effect_op(args(tmp_path), lambda *step: seen.append(step))
    assert [done for done, _, _ in seen] == list(range(1, FRAMES + 1))
    assert estimate_seconds("rain", 1080, 1920, 48) > estimate_seconds("rain", 1080, 1920, 24)


@pytest.mark.parametrize(
    "change",
    [
        {"family": "lava"},
        {"params": {"hail": 1}},
        {"params": {"wind": 200}},
        {"width": 73},
        {"frames": 1},
        {"frames": 100000},
        {"fps_num": 0},
        {"fps_den": 0},
        {"seed": -2},
    ],
)
def test_a_wish_that_cannot_be_drawn_is_refused_with_a_sentence(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        effect_op(args(tmp_path, **change), lambda *_: None)
    assert str(caught.value).endswith(".")
    assert not list(tmp_path.iterdir())
