"""Props drawn by rule: where they were asked for, with alpha, the same again, and lit from the actor's side."""

from pathlib import Path

import numpy as np
import pytest

from compositing.errors import Refused
from compositing.io.pictures import read_picture
from compositing.props import FAMILIES, prop_op


def drawn(out: Path, family: str, seed: int = 3, **params: object) -> np.ndarray:
    args = {"family": family, "params": params, "seed": seed, "width": 90, "height": 160, "out_dir": str(out)}
    return read_picture(prop_op(args, lambda *_: None)["picture"])


@pytest.mark.parametrize("family", list(FAMILIES))
def test_each_prop_stands_where_it_was_asked_for_with_nothing_around_it(tmp_path: Path, family: str) -> None:
    place = {"across": 30, "down": 60, "size": 20, "light": "day"} | (
        {"lit": "no"} if family in ("lantern", "desk_lamp") else {}
    )
    one = drawn(tmp_path / "a", family, **place)
    assert np.array_equal(one, drawn(tmp_path / "b", family, **place))
    solid = one[..., 3] > 128
    rows, columns = np.nonzero(solid)
    assert 0.003 < solid.mean() < 0.3 and not solid[:, 80:].any() and not solid[130:].any()
    assert abs(columns.mean() / 90 - 0.3) < 0.06 and (family == "lantern" or abs(rows.mean() / 160 - 0.6) < 0.12)
    assert one[solid][:, :3].max() > 60


def test_the_key_comes_from_the_side_that_was_asked_for(tmp_path: Path) -> None:
    def sides(key: str) -> float:
        picture = drawn(tmp_path / key, "lantern", across=50, down=50, size=60, lit="no", light="day", key=key)
        row = picture[78, :, :3].astype(float).sum(-1)
        return float(row[28:44].mean() - row[46:62].mean())

    assert sides("left") > 20 and sides("right") < -20
    lit, dark = (drawn(tmp_path / one, "lantern", across=50, down=50, lit=one, light="night") for one in ("yes", "no"))
    assert lit[80, 45, :3].astype(int).sum() > 2 * dark[80, 45, :3].astype(int).sum()


def test_what_is_none_or_too_large_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for wrong in ({"family": "chair"}, {"family": "fan", "width": 9}, {"family": "fan", "params": {"size": 900}}):
        args = {"params": {}, "seed": 1, "width": 90, "height": 160, "out_dir": str(tmp_path)} | wrong
        with pytest.raises(Refused):
            prop_op(args, lambda *_: None)
