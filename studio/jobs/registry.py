"""Which function does which kind of work. Every app's `handlers` module registers here; only workers load them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from studio.core.errors import DomainError

# (job, run) -> what goes into Job.result. `Any` here: the runner that makes `run` stands above this module.
Work = Callable[[Any, Any], dict[str, Any] | None]


@dataclass(frozen=True)
class Handler:
    """kind: `footage.probe`; failed(job): told, in the same transaction, that the job failed or was cancelled."""

    kind: str
    work: Work
    failed: Callable[[Any], None] | None = None


HANDLERS: dict[str, Handler] = {}
# How `Run.store` keeps a file: set by the app that owns the store, which stands above this one.
STORES: list[Callable[..., Any]] = []


def handler(kind: str, *, failed: Callable[[Any], None] | None = None) -> Callable[[Work], Work]:
    """Register `work(job, run)` for `kind`. A second function for the same kind is a mistake and raises ValueError."""

    def register(work: Work) -> Work:
        known = HANDLERS.get(kind)
        if known is not None and known.work is not work:
            raise ValueError(f"Two handlers for {kind!r}: {known.work.__module__} and {work.__module__}")
        HANDLERS[kind] = Handler(kind, work, failed)
        return work

    return register


def find(kind: str) -> Handler:
    """The handler of `kind`. Raises DomainError for one that no app here brings."""
    try:
        return HANDLERS[kind]
    except KeyError:
        sentence = _("This worker does not know the work “%(kind)s”. Update it, then start the job again.")
        raise DomainError(sentence % {"kind": kind}) from None


def autodiscover() -> None:
    """Import `<app>.handlers` of every installed app of ours that has one."""
    for config in apps.get_app_configs():
        if config.name.startswith("studio.") and find_spec(f"{config.name}.handlers"):
            import_module(f"{config.name}.handlers")


def keep_with(store: Callable[..., Any]) -> None:
    """`store(path, *, mime, suffix, production_id, internal)` is what `Run.store` calls."""
    STORES[:] = [store]
