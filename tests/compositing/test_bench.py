"""What the bench makes of what it measures."""

import pytest

from compositing.bench import size_row
from compositing.bench_page import table
from compositing.recipe import LayerRecipe, Recipe


def test_what_a_clip_costs_once_is_told_from_what_each_frame_costs():
    layers = (LayerRecipe("actor", "actor", "0" * 64),)
    recipe = Recipe(width=100, height=200, fps_num=24, fps_den=1, frame_count=9, mode="fast", layers=layers)
    row = size_row(recipe, {"cpu_s": 2 + 9 * 0.1, "half_cpu_s": 2 + 4 * 0.1})
    assert (row["fixed_ms"], row["cpu_ms"]) == (2000, 100.0)
    assert row["cpu_ns_a_pixel"] == pytest.approx(100e6 / 20000)


def test_the_page_says_how_memory_went_over_a_long_clip():
    found = {
        "frames": 2, "size": [4, 8], "threads": 2, "peer": "P", "rows": {}, "stills_ms": {}, "stages_cpu_ms": {},
        "sizes": [], "draft": {"fps": 1, "of_best": 2, "cpu_of_best": 3}, "cold_start_s": 1, "peak_mb": 5,
        "long": [{"frames": 720, "quality": "draft", "tenths_mb": [400, 401], "peak_mb": 402}],
    }  # fmt: skip
    assert "720 frames in one render (draft, all films): most memory in each tenth of it 400, 401 MB" in table(found)
