"""The short form of `manage.py draw_storm`: cancels and kill -9 at random, then the books are judged."""

import subprocess
import sys

import pytest

from tests.faults.stage import ROOT

pytestmark = pytest.mark.fault


def test_a_storm_of_cancels_and_kills_leaves_no_half_picture_and_loses_no_finished_draw() -> None:
    storm = [sys.executable, "manage.py", "draw_storm", "--count", "10", "--seed", "7", "--kills", "300"]
    done = subprocess.run(storm, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No half picture, no finished draw lost" in done.stdout and "killed" in done.stdout
