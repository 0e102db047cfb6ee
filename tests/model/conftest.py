"""Tests that load torch and diffusers. They run in `.venv-worker` (`./test model`)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
collect_ignore_glob = [] if find_spec("diffusers") else ["test_*.py"]


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Whatever stands in this folder is a model test."""
    for item in items:
        if HERE in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tiny models are built, once for all tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def bench(models: Path) -> Any:
    from modelhost import loading
    from tests.model.stage import Bench

    loading.settle(1)
    return Bench(models)
