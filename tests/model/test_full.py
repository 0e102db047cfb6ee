"""The full-size pipelines that prove a GPU: their sizes are those of the published models; nothing is drawn here."""

import pytest
import torch

from modelhost import full


@pytest.mark.parametrize(
    ("part", "billions"), [(full.sdxl_unet, 2.567), (full.flux_transformer, 11.901), (full.t5, 4.762)]
)
def test_a_full_size_part_is_as_large_as_the_published_one(part: object, billions: float) -> None:
    with torch.device("meta"):
        made = part()
    assert abs(sum(tensor.numel() for tensor in made.parameters()) / 1e9 - billions) < 0.01


def test_what_proves_a_gpu_runs_here_with_a_tiny_pipeline(bench: object, tmp_path: object) -> None:
    model = bench.model("sdxl")
    told = full.prove(model.folder, "sdxl", steps=4, size=(64, 112))
    assert told["same_bytes"] and told["stopped_after_s"] is not None and told["steps_per_s"] > 0
