"""Which executor keys: the engine where there is no GPU; batches change no byte; who may use a GPU gets the room."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compositing import accelerators, executors, sandbox
from compositing.executors import Executor
from compositing.keying import Keyer
from compositing.keying.keyer import Matted
from compositing.render import render
from tests.compositing.takes import SCREENS, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 7


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("take")
    return film(folder / "take.mp4", take(SCREENS["green"], FRAMES)[0]), background(folder / "bg.png")


class InBatches(Keyer):
    """A keyer that likes so many whole frames at once, and remembers what it was given."""

    likes: int
    asked: list[int]

    @property
    def at_once(self) -> int:
        return self.likes

    @property
    def whole(self) -> bool:
        return True

    def matted_many(self, pictures: Any) -> list[Matted]:
        self.asked.append(len(pictures))
        return super().matted_many(pictures)


@pytest.mark.parametrize("steady", [0, 500])
def test_frames_keyed_in_batches_are_the_same_frames(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady: int
) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode="best", key={"temporal_milli": steady})
    asked: list[int] = []
    made = {}
    for likes in (1, 3):

        def taken(self: Executor, keyer: Any, likes: int = likes) -> Any:
            if isinstance(keyer, Keyer):
                keyer.__class__ = InBatches
                keyer.likes, keyer.asked = likes, asked  # type: ignore[attr-defined]
            return keyer

        monkeypatch.setattr(Executor, "taken", taken)
        made[likes] = render(recipe, paths, tmp_path / str(likes), films=("master",), workers=3)["sha256"]
    assert asked == [3, 3, 1]  # one at a time needs no batch
    assert made[1] == made[3]


def test_without_a_gpu_the_engine_keys_and_the_record_says_so(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerators, "NODES", ())
    monkeypatch.delenv(accelerators.SWITCH, raising=False)
    loaded: list[str] = []
    monkeypatch.setattr(executors, "load", lambda: loaded.append("torch"))
    recipe, paths = two_layers(*clip, 2)
    made = render(recipe, paths, tmp_path, films=("master",))
    assert made["report"]["runtime"]["device"] == "cpu" and not loaded  # torch costs seconds: nobody waits for it


def test_a_gpu_that_torch_cannot_use_is_passed_over_and_the_record_says_why(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accelerators.SWITCH, "cuda")

    def broken() -> Any:
        raise ImportError("libcudart.so.13: cannot open shared object file")

    monkeypatch.setattr(executors, "load", broken)
    recipe, paths = two_layers(*clip, 2)
    runtime = render(recipe, paths, tmp_path, films=("master",))["report"]["runtime"]
    assert runtime["device"] == "cpu" and "libcudart" in runtime["why"]


def test_who_may_use_a_gpu_gets_the_address_space_its_driver_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(accelerators.SWITCH, "cpu")
    assert sandbox.limits_of("render") == sandbox.RENDER
    monkeypatch.setenv(accelerators.SWITCH, "cuda")
    assert sandbox.limits_of("render").memory_mb is None and sandbox.limits_of("render").cpu_s == sandbox.RENDER.cpu_s
    assert sandbox.limits_of("probe") == sandbox.PROBE  # strangers' bytes stay in the small room
    assert sandbox.scrubbed_environment(Path("/x"))[accelerators.SWITCH] == "cuda"


def test_an_unknown_wish_leaves_the_choice_to_what_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(accelerators.SWITCH, "quantum")
    monkeypatch.setattr(accelerators, "NODES", (str(tmp_path / "none"),))
    assert not accelerators.likely()
    (tmp_path / "card").touch()
    monkeypatch.setattr(accelerators, "NODES", (str(tmp_path / "card"),))
    monkeypatch.setattr(accelerators, "find_spec", lambda name: object())
    assert accelerators.likely()
    monkeypatch.setattr(accelerators, "find_spec", lambda name: None)
    assert not accelerators.likely()


def test_batches_need_no_more_than_frames(clip: tuple[Path, Path]) -> None:
    plates = take(SCREENS["green"], 2)[0]
    keyer = Keyer(plates)
    many = keyer.matted_many(plates)
    assert keyer.at_once == 1
    assert all(np.array_equal(made.alpha, keyer.matted(plate).alpha) for made, plate in zip(many, plates, strict=True))
