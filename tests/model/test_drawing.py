"""Drawing with real pipelines of toy size: load, progress, stop, the same bytes again, and what may start a draw."""

import json
import shutil
import threading
from hashlib import sha256
from pathlib import Path

import av
import pytest
import torch
from PIL import Image, ImageChops
from sentencepiece import SentencePieceTrainer

from compositing.errors import Cancelled, Refused
from modelhost.families import CONTROL, IMAGE, INPAINT, VIDEO_IMAGE
from tests.model.stage import Bench, Model, picture, recipe

PICTURES = ["sd", "sdxl", "sd3", "flux", "flux2", "flux2-klein", "qwen-image", "z-image"]
INPAINTED = [family for family in PICTURES if family != "flux2"]
CONTROLLED = ["sd", "sdxl", "sd3", "flux", "qwen-image", "z-image"]
FILMS = ["wan", "ltx", "hunyuan", "hunyuan15"]
FROM_PICTURES = ["wan-image", "ltx", "hunyuan15-image"]


def bytes_of(made: dict) -> str:
    return sha256(Path(made.get("picture") or made["clip"]).read_bytes()).hexdigest()


@pytest.mark.parametrize("family", PICTURES)
def test_each_class_loads_steps_and_gives_the_same_bytes_for_the_same_seed(
    bench: Bench, tmp_path: Path, family: str
) -> None:
    model = bench.model(family)
    first = bench.draw(recipe(model), tmp_path / "a", model)
    assert [stage for stage in bench.stages if stage.startswith("steps")] == ["steps 1/3", "steps 2/3", "steps 3/3"]
    again = bench.draw(recipe(model), tmp_path / "b", model)
    other = bench.draw(recipe(model, seed=8), tmp_path / "c", model)
    assert Image.open(first["picture"]).size == (64, 112)
    assert bytes_of(first) == bytes_of(again) != bytes_of(other)
    assert first["fingerprint"]["torch"] == torch.__version__ and first["fingerprint"]["threads"] == 1


@pytest.mark.parametrize("family", PICTURES)
def test_a_step_is_seen_before_the_draw_is_done(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    bench.draw(recipe(model), tmp_path, model)
    seen = Image.open(tmp_path / "preview.jpg")
    assert seen.height == 320 and abs(seen.width / seen.height - 64 / 112) < 0.01


@pytest.mark.parametrize("family", ["sd", "sdxl", "flux", "wan"])
def test_a_stop_ends_the_draw_within_its_step_and_leaves_no_trace(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    asked = recipe(model, steps=9)
    before = bench.draw(asked, tmp_path / "whole", model)
    for stage, at in (("steps", 1), ("steps", 7), ("decoding", 0)):
        stopping = threading.Event()

        def stop(done: int, now: str, stage: str = stage, at: int = at, stopping: threading.Event = stopping) -> None:
            if now == stage and done == at:
                stopping.set()

        with pytest.raises(Cancelled):
            bench.draw(asked, tmp_path / f"{stage}{at}", model, on_step=stop, stopping=stopping)
        steps = [said for said in bench.stages if said.startswith("steps")]
        assert len(steps) == (at if stage == "steps" else 9)
        assert not list((tmp_path / f"{stage}{at}").glob("picture.png")) and not list(tmp_path.rglob("*.part"))
    after = bench.draw(asked, tmp_path / "after", model)
    assert bytes_of(before) == bytes_of(after)


def test_what_died_while_decoding_is_decoded_again_and_not_drawn_again(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for family in [*PICTURES, *FILMS]:
        model = bench.model(family)
        asked = recipe(model, steps=1)
        whole = bench.draw(asked, tmp_path / family / "whole", model)
        stopping = threading.Event()
        with pytest.raises(Cancelled):
            bench.draw(
                asked, tmp_path / family / "killed", model, stopping=stopping,
                on_step=lambda _done, stage, stopping=stopping: stopping.set() if stage == "decoding" else None,
            )  # fmt: skip
        again = bench.draw(asked, tmp_path / family / "killed", model)
        assert not any(stage.startswith("steps") for stage in bench.stages), family
        assert bytes_of(again) == bytes_of(whole), family


def test_decoding_that_runs_out_of_memory_goes_on_in_tiles(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = bench.model("sdxl")
    loaded = bench.shelf.pipeline(model.manifest.sha256, recipe_folder(model), "float32").what
    decode = loaded.vae.decode

    def tight(z: torch.Tensor, *args: object, **kwargs: object) -> object:
        if not loaded.vae.use_tiling:
            raise torch.OutOfMemoryError("no room")
        return decode(z, *args, **kwargs)

    monkeypatch.setattr(loaded.vae, "decode", tight)
    made = bench.draw(recipe(model), tmp_path, model)
    assert made["fingerprint"]["recovered"] == ["decoded in tiles"] and Path(made["picture"]).exists()
    assert not loaded.vae.use_tiling


def test_memory_that_never_suffices_ends_with_advice(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = bench.model("sd")
    loaded = bench.shelf.pipeline(model.manifest.sha256, recipe_folder(model), "float32").what

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(loaded.unet, "forward", full)
    with pytest.raises(Refused, match="smaller"):
        bench.draw(recipe(model), tmp_path, model)


def recipe_folder(model: object) -> object:
    from modelhost.loading import Folder

    return Folder(model.folder, model.manifest.files)


@pytest.mark.parametrize("family", PICTURES)
def test_a_picture_can_start_a_draw(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    inputs = {"one": picture(tmp_path / "one.png"), "two": picture(tmp_path / "two.png", colour=(10, 200, 90))}
    made = [
        bench.draw(recipe(model, IMAGE, image=name, strength_milli=500), tmp_path / name, model, inputs=inputs)
        for name in inputs
    ]
    assert Image.open(made[0]["picture"]).size == (64, 112) and bytes_of(made[0]) != bytes_of(made[1])


@pytest.mark.parametrize("family", INPAINTED)
def test_drawing_on_around_a_picture_keeps_the_picture(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    source = picture(tmp_path / "wide.png", (160, 90))
    made = bench.draw(recipe(model, INPAINT, image="wide"), tmp_path / "out", model, inputs={"wide": source})
    drawn = Image.open(made["picture"])
    assert drawn.size == (64, 112)
    kept = Image.open(source).resize((64, 36), Image.Resampling.LANCZOS).crop((4, 6, 60, 30))
    found = drawn.crop((4, 38 + 6, 60, 38 + 30))
    assert max(high for _low, high in ImageChops.difference(kept, found).getextrema()) <= 2
    assert len({drawn.getpixel((x, 4)) for x in range(0, 64, 4)}) > 1  # above it something was drawn


@pytest.mark.parametrize("family", CONTROLLED)
def test_a_depth_map_and_a_pose_control_a_draw(bench: Bench, tmp_path: Path, family: str) -> None:
    model, net = bench.model(family), bench.model(f"controlnet/{family}")
    inputs = {"depth": tmp_path / "depth.png", "pose": picture(tmp_path / "pose.png", (90, 160))}
    Image.linear_gradient("L").resize((90, 160)).convert("I;16").point(lambda value: value * 200).save(inputs["depth"])

    def drawn(kind: str, weight: int) -> str:
        asked = recipe(model, CONTROL, controlnet=net, control_image=kind, control_kind=kind,
                       control_weight_milli=weight, steps=2)  # fmt: skip
        return bytes_of(bench.draw(asked, tmp_path / f"{kind}{weight}", model, net, inputs=inputs))

    assert len({drawn("depth", 1_000), drawn("pose", 1_000), drawn("depth", 0)}) == 3
    assert drawn("depth", 0) == drawn("pose", 0)


@pytest.mark.parametrize("family", [*PICTURES, "wan", "ltx", "hunyuan"])
def test_a_lora_changes_the_draw_and_leaves_the_model_as_it_was(bench: Bench, tmp_path: Path, family: str) -> None:
    model, lora = bench.model(family), bench.model(f"lora/{family}")
    asked = {"steps": 1} | ({"frames": 5} if family in FILMS else {})
    bare = bench.draw(recipe(model, **asked), tmp_path / "bare", model)
    worn = bench.draw(recipe(model, loras=[(lora, 1_000)], **asked), tmp_path / "worn", model, lora)
    after = bench.draw(recipe(model, **asked), tmp_path / "after", model)
    assert bytes_of(bare) == bytes_of(after) != bytes_of(worn)


def test_a_lora_for_another_class_is_refused(bench: Bench, tmp_path: Path) -> None:
    flux, lora = bench.model("flux"), bench.model("lora/sd")
    with pytest.raises(Refused, match="does not fit"):
        bench.draw(recipe(flux, loras=[(lora, 1_000)]), tmp_path, flux, lora)


@pytest.mark.parametrize("family", FILMS)
def test_films_come_in_the_asked_length_and_repeat(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    first = bench.draw(recipe(model, frames=7), tmp_path / "a", model)
    again = bench.draw(recipe(model, frames=7), tmp_path / "b", model)
    assert bytes_of(first) == bytes_of(again) and first["frame_count"] == 7
    with av.open(first["clip"]) as box:
        frames = [frame.to_ndarray(format="rgb24").shape for frame in box.decode(video=0)]
    assert frames == [(112, 64, 3)] * 7


@pytest.mark.parametrize("family", FROM_PICTURES)
def test_a_picture_can_start_a_film(bench: Bench, tmp_path: Path, family: str) -> None:
    model = bench.model(family)
    inputs = {"one": picture(tmp_path / "one.png"), "two": picture(tmp_path / "two.png", colour=(10, 200, 90))}
    made = [
        bench.draw(recipe(model, VIDEO_IMAGE, image=name, steps=2), tmp_path / name, model, inputs=inputs)
        for name in inputs
    ]
    assert [stage for stage in bench.stages if stage.startswith("steps")] == ["steps 1/2", "steps 2/2"]
    assert bytes_of(made[0]) != bytes_of(made[1])
    # HunyuanVideo 1.5 chooses its own size by the picture's form; the film is of the asked size all the same.
    assert (made[0]["frame_count"], made[0]["width"], made[0]["height"]) == (9, 64, 112)
    with av.open(made[0]["clip"]) as box:
        assert (box.streams.video[0].width, box.streams.video[0].height) == (64, 112)


def test_a_tokenizer_that_comes_as_a_vocabulary_in_pieces_is_read(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bench.model("ltx").folder, folder)
    for path in (folder / "tokenizer").iterdir():
        path.unlink()
    words = (f"rain on the roof at night {number}" for number in range(300))
    SentencePieceTrainer.train(
        sentence_iterator=words, model_prefix=str(folder / "tokenizer" / "spiece"), vocab_size=60, pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    (folder / "tokenizer" / "spiece.vocab").unlink()
    told = {"tokenizer_class": "T5Tokenizer", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>",
            "extra_ids": 0, "model_max_length": 128}  # fmt: skip
    (folder / "tokenizer" / "tokenizer_config.json").write_text(json.dumps(told))
    index = json.loads((folder / "model_index.json").read_text()) | {"tokenizer": ["transformers", "T5Tokenizer"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    model = Model(folder)
    made = [
        bench.draw(recipe(model, prompt=prompt, steps=1), tmp_path / prompt, model) for prompt in ("rain", "a roof")
    ]
    assert bytes_of(made[0]) != bytes_of(made[1])


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "euler_a", "dpmpp_2m", "unipc"])
def test_every_scheduler_of_a_recipe_draws(bench: Bench, tmp_path: Path, scheduler: str) -> None:
    model = bench.model("sd")
    made = bench.draw(recipe(model, scheduler=scheduler, steps=4), tmp_path, model)
    assert Path(made["picture"]).exists()


def test_the_longest_unused_model_leaves_when_memory_is_short(bench: Bench, models: Path, tmp_path: Path) -> None:
    small = Bench(models)
    sizes = {}
    for family in ("sd", "sdxl", "flux"):
        small.draw(recipe(small.model(family)), tmp_path / family, small.model(family))
        sizes[family] = small.shelf.size
    small.shelf.forget()
    small.shelf.budget = sizes["flux"]  # all three just fit as they lie in memory; their bound is larger
    for family in ("sd", "sdxl", "flux"):
        small.draw(recipe(small.model(family)), tmp_path / f"again-{family}", small.model(family))
    assert [key.split(":")[0] for key in small.shelf.loaded][-1] == small.model("flux").manifest.sha256
    assert small.model("sd").manifest.sha256 not in [key.split(":")[0] for key in small.shelf.loaded]


def test_a_decoder_with_alpha_gives_a_picture_with_alpha(bench: Bench, tmp_path: Path) -> None:
    model = bench.model("rgba")
    made = bench.draw(recipe(model), tmp_path / "one", model)
    again = bench.draw(recipe(model), tmp_path / "two", model)
    drawn = Image.open(made["picture"])
    assert made["has_alpha"] and drawn.mode == "RGBA" and drawn.size == (64, 112)
    low, high = drawn.getchannel("A").getextrema()
    assert low < high and bytes_of(made) == bytes_of(again)
    stopping = threading.Event()
    with pytest.raises(Cancelled):
        bench.draw(recipe(model), tmp_path / "three", model, stopping=stopping,
                   on_step=lambda _done, stage: stopping.set() if stage == "decoding" else None)  # fmt: skip
    assert bytes_of(bench.draw(recipe(model), tmp_path / "three", model)) == bytes_of(made)
