"""Compiling ahead: every kind of picture has its turn."""

from pathlib import Path

import pytest

from compositing import effects, plates, sandbox, warm
from compositing.devices import kernel
from compositing.films import FILMS, film_size
from compositing.fused import Fused
from compositing.graph import Comp
from compositing.recipe import Recipe

pytestmark = pytest.mark.slow


def test_every_family_and_the_keyer_are_compiled_ahead(tmp_path: Path) -> None:
    wanted = warm.tasks(tmp_path)
    assert {args["family"] for _op, args in wanted if "family" in args} == {*plates.FAMILIES, *effects.FAMILIES}
    args = next(args for op, args in wanted if op == "still")
    assert Path(sandbox.run("still", args)["path"]).stat().st_size > 0


def test_children_beside_each_other_compile_nothing_twice(tmp_path: Path) -> None:
    keyed, drawn = warm.lanes(tmp_path)
    assert {op for op, _args in keyed} == {"render", "still"}
    assert {op for op, _args in drawn} == {"plate", "effect"}


def test_a_child_makes_itself_ready_for_previews_and_goes_on() -> None:
    with sandbox.Warm() as child:
        assert child.request("ready", {})["seconds"] > 0
        assert child.request("ready", {})["seconds"] < 60


def test_a_number_written_out_costs_no_compilation_of_its_own() -> None:
    assert _twice.py_func(3) == _twice(3)
    assert _ask() == 2 + 4 + 6
    assert len(_twice.signatures) == 1, _twice.signatures


@kernel
def _twice(number: int) -> int:
    return number * 2


@kernel
def _ask() -> int:
    return _twice(1) + _twice(2) + _twice(3)  # type: ignore[no-any-return]


def test_films_are_rendered_ahead_both_ways(tmp_path: Path) -> None:
    ways = []
    for op, args in warm.tasks(tmp_path):
        if op == "render":
            recipe = Recipe.from_dict(args["recipe"])
            comp = Comp(recipe, args["sources"])
            sizes = {film.name: film_size(film, comp.width, comp.height) for film in FILMS["best"]}
            ways.append(Fused.of(comp, FILMS["best"], sizes) is not None)
    assert ways == [True, False], "straight from planes to planes, and the plain way"
