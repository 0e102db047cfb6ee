"""Compiling ahead: every kind of picture has its turn."""

from pathlib import Path

from compositing import effects, plates, sandbox, warm
from compositing.films import FILMS, film_size
from compositing.fused import Fused
from compositing.graph import Comp
from compositing.recipe import Recipe


def test_every_family_and_the_keyer_are_compiled_ahead(tmp_path: Path) -> None:
    wanted = warm.tasks(tmp_path)
    assert {args["family"] for _op, args in wanted if "family" in args} == {*plates.FAMILIES, *effects.FAMILIES}
    args = next(args for op, args in wanted if op == "still")
    assert Path(sandbox.run("still", args)["path"]).stat().st_size > 0


def test_films_are_rendered_ahead_both_ways(tmp_path: Path) -> None:
    ways = []
    for op, args in warm.tasks(tmp_path):
        if op == "render":
            recipe = Recipe.from_dict(args["recipe"])
            comp = Comp(recipe, args["sources"])
            sizes = {film.name: film_size(film, comp.width, comp.height) for film in FILMS["best"]}
            ways.append(Fused.of(comp, FILMS["best"], sizes) is not None)
    assert ways == [True, False], "straight from planes to planes, and the plain way"
