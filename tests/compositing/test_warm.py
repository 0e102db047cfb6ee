"""Compiling ahead: every kind of picture has its turn."""

from pathlib import Path

from compositing import effects, plates, sandbox, warm


def test_every_family_and_the_keyer_are_compiled_ahead(tmp_path: Path) -> None:
    wanted = warm.tasks(tmp_path)
    assert {args["family"] for _op, args in wanted if "family" in args} == {*plates.FAMILIES, *effects.FAMILIES}
    op, args = wanted[0]
    assert op == "still" and Path(sandbox.run(op, args)["path"]).stat().st_size > 0
