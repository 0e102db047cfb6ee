"""What `./test` leaves to one of its later runs lies where that run looks for it."""

import re
from pathlib import Path

import pytest

from studio.bootstrap import check

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("marks", "folders"), [("journey|fault", check.DRIVEN_FOLDERS), ("model|gpu", check.MODEL_FOLDERS)]
)
def test_marked_tests_lie_in_the_folders_that_are_run(marks: str, folders: tuple[str, ...]):
    mark = re.compile(rf"pytest\.mark\.({marks})\b")
    marked = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py") if mark.search(path.read_text())]
    astray = [str(path) for path in marked if not any(path.is_relative_to(folder) for folder in folders)]
    assert marked and astray == []
    # Nor does a test lie there that neither run takes: the first does not read these folders.
    beside = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("test_*.py")]
    marking = [
        path.parent.relative_to(ROOT) for path in ROOT.glob("tests/*/conftest.py") if "add_marker" in path.read_text()
    ]
    assert [str(path) for path in beside if path not in marked and path.parent not in marking] == []
