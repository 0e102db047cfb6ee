"""A take's states: received -> probed -> ready, or refused with a sentence."""

from studio.core.states import StateTable

TAKE = StateTable(
    {
        "received": {"probed", "refused"},
        "probed": {"ready", "refused", "probed"},
        "ready": {"probed"},  # a new 9:16 window makes a new proxy
        "refused": {"received"},
    }
)
