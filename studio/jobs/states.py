"""A job's states: queued -> leased -> done | failed | cancelled; a lost lease goes back to queued."""

from studio.core.states import StateTable

JOB = StateTable(
    {
        "queued": {"leased", "cancelled", "failed"},
        "leased": {"done", "failed", "cancelled", "queued"},
    }
)
