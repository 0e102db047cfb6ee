"""A draw's states: queued -> running -> done | failed | cancelled; done -> starred | binned | promoted."""

from studio.core.states import StateTable

DRAW = StateTable(
    {
        "queued": {"running", "cancelled", "failed", "done"},
        "running": {"done", "failed", "cancelled", "running"},
        "done": {"starred", "binned", "promoted"},
        "starred": {"done", "binned", "promoted"},
        "binned": {"done", "starred"},
        "promoted": {"done"},
        "failed": set(),
        "cancelled": set(),
    }
)
