"""An upload's states: created -> receiving <-> paused -> received -> verifying -> stored | corrupt | expired."""

from studio.core.states import StateTable

UPLOAD = StateTable(
    {
        "created": {"receiving", "received", "expired"},
        "receiving": {"paused", "received", "expired"},
        "paused": {"receiving", "received", "expired"},
        "received": {"verifying", "corrupt"},
        "verifying": {"stored", "corrupt"},
    }
)
OPEN = ("created", "receiving", "paused")  # the sender may still send
ARRIVED = ("received", "verifying", "stored")  # every byte is here
ENDED = ("stored", "corrupt", "expired")
