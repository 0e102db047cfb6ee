"""Every module in this folder registers the one `FAMILY` that it describes; standard library only."""

import importlib
import pkgutil

from compositing.errors import Refused
from compositing.plates.family import Family

FAMILIES: dict[str, Family] = {
    module.FAMILY.name: module.FAMILY
    for module in (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    )
}


def family(name: str) -> Family:
    """The family called `name`. Raises Refused with the names there are."""
    if name not in FAMILIES:
        raise Refused(f"There is no family of effects called {name!r}; there are {', '.join(FAMILIES)}.")
    return FAMILIES[name]
