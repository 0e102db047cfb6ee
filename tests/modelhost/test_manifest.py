"""What a model's folder may hold. No model library is needed to say no."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import pytest

from compositing.errors import Refused
from modelhost import manifest
from modelhost.families import FAMILIES, IMAGE, TEXT, VIDEO_IMAGE, family_of
from modelhost.recipe import check_params
from tests.modelhost.folders import pipeline, safetensors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pipeline(tmp_path / "night-city")


def test_a_good_folder_is_listed_whole_and_verifies(folder: Path) -> None:
    found = manifest.read(folder)
    assert (found.kind, found.family, found.class_name) == ("pipeline", "sdxl", "StableDiffusionXLPipeline")
    assert set(found.files) == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert manifest.verify(folder, found.files).sha256 == found.sha256 and manifest.unchanged(folder, found)
    (folder / "LICENSE").write_text("Apache!")
    assert not manifest.unchanged(folder, found)


@pytest.mark.parametrize("name", ["unet/model.bin", "a.pt", "a.pth", "a.ckpt", "a.pkl", "x/y.gguf", "w.npz"])
def test_pickles_and_their_kin_are_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"0")
    with pytest.raises(Refused, match="not in safetensors form"):
        manifest.read(folder)


@pytest.mark.parametrize("name", ["pipeline.py", "unet/model.so", "run.sh"])
def test_program_code_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).write_text("print(1)")
    with pytest.raises(Refused, match="program code"):
        manifest.read(folder)


def test_a_pickle_under_a_harmless_name_is_refused_by_its_content(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    good = weights.read_bytes()
    weights.write_bytes(pickle.dumps({"a": os.getcwd}))
    with pytest.raises(Refused, match="called safetensors and is not"):
        manifest.read(folder)
    with zipfile.ZipFile(weights, "w") as box:
        box.writestr("archive/data.pkl", pickle.dumps(1))
    with pytest.raises(Refused, match="called safetensors and is not"):
        manifest.read(folder)
    weights.write_bytes(good + b"extra")
    with pytest.raises(Refused, match="called safetensors and is not"):
        manifest.read(folder)
    weights.write_bytes(good)
    for name, data in (
        ("notes.txt", pickle.dumps([1])),
        ("tokenizer.model", b"PK\x03\x04aa"),
        ("LICENSE", b"#!/bin/sh"),
    ):
        before = (folder / name).read_bytes() if (folder / name).exists() else None
        (folder / name).write_bytes(data)
        with pytest.raises(Refused, match="under a harmless name"):
            manifest.read(folder)
        (folder / name).unlink() if before is None else (folder / name).write_bytes(before)


@pytest.mark.parametrize("told", [{"auto_map": {"AutoModel": "code.Model"}}, {"a": [{"trust_remote_code": True}]}])
def test_a_configuration_that_asks_for_code_is_refused(folder: Path, told: dict) -> None:
    (folder / "unet" / "config.json").write_text(json.dumps(told))
    with pytest.raises(Refused, match="auto_map"):
        manifest.read(folder)


def test_a_pipeline_that_names_another_library_or_an_unknown_class_is_refused(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"unet": ["my_module", "Net"]}))
    with pytest.raises(Refused, match="my_module"):
        manifest.read(folder)
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "EvilPipeline"}))
    with pytest.raises(Refused, match="EvilPipeline"):
        manifest.read(folder)
    (folder / "model_index.json").write_text(json.dumps(index | {"tokenizer": ["transformers", "CLIPTokenizer"]}))
    with pytest.raises(Refused, match="part tokenizer of night-city is missing"):
        manifest.read(folder)


def test_links_and_strangers_are_refused(folder: Path) -> None:
    (folder / "readme.html").write_text("hi")
    with pytest.raises(Refused, match="of no kind that a model needs"):
        manifest.read(folder)
    (folder / "readme.html").unlink()
    (folder / "vae2").symlink_to(folder / "vae")
    with pytest.raises(Refused, match="is a link"):
        manifest.read(folder)


def test_what_differs_from_the_approved_folder_is_named(folder: Path) -> None:
    approved = manifest.read(folder).files
    (folder / "vae" / "config.json").unlink()
    (folder / "unet" / "config.json").write_text('{"a": 1}')
    with pytest.raises(Refused, match=r"missing: vae/config\.json; changed: unet/config\.json"):
        manifest.verify(folder, approved)
    with pytest.raises(Refused, match="no model folder gone here"):
        manifest.verify(folder.with_name("gone"), approved)


def test_recipes_hold_only_what_can_be_drawn() -> None:
    sdxl = FAMILIES["sdxl"]
    params = check_params(sdxl, TEXT, {"prompt": " 雨夜 ", "steps": 12, "strength_milli": 300})
    assert params == {"prompt": "雨夜", "negative": "", "steps": 12, "guidance_milli": 6_000, "scheduler": "default",
                      "tiling": 0}  # fmt: skip
    assert check_params(sdxl, IMAGE, {"image": "ab"})["strength_milli"] == 600
    for wrong in ({"steps": 0}, {"steps": True}, {"guidance_milli": 7.5}, {"scheduler": "magic"}, {"glitter": 1},
                  {"prompt": "x" * 5_000}, {"loras": [{"weight_milli": 1}]}):  # fmt: skip
        with pytest.raises(Refused):
            check_params(sdxl, TEXT, wrong)
    with pytest.raises(Refused, match="can't do"):
        check_params(sdxl, VIDEO_IMAGE, {})


def test_sizes_and_lengths_fit_the_model() -> None:
    assert FAMILIES["flux"].canvas(1080, 1920) == (1088, 1920) and FAMILIES["sdxl"].canvas(404, 720) == (408, 720)
    assert [FAMILIES["wan"].frame_count(frames) for frames in (1, 2, 48, 49)] == [1, 5, 49, 49]
    assert FAMILIES["wan"].tasks("WanImageToVideoPipeline") == (VIDEO_IMAGE,)
    assert family_of("FluxPipeline") is FAMILIES["flux"] and family_of("OsPipeline") is None
    assert family_of("Flux2KleinPipeline") is FAMILIES["flux2-klein"]
    assert family_of("Flux2Pipeline") is FAMILIES["flux2"]


@pytest.mark.parametrize(("named", "family"), [("CLIPModel", "clip"), ("Dinov2Model", "dinov2"), ("BertModel", "")])
def test_clip_and_dino_are_known_by_their_configuration(tmp_path: Path, named: str, family: str) -> None:
    safetensors(tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"architectures": [named]}))
    if family:
        found = manifest.read(tmp_path)
        assert (found.kind, found.class_name, found.family) == ("encoder", named, family)
    else:
        with pytest.raises(Refused, match="CLIP or DINO"):
            manifest.read(tmp_path)
