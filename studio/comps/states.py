"""A version's states. The verdict (approved, changes) is computed from decisions; a newer version supersedes."""

from studio.core.states import StateTable

VERSION = StateTable(
    {
        "building": {"ready", "failed", "superseded"},
        "ready": {"in_review", "superseded"},
        "in_review": {"approved", "changes", "superseded"},
        "approved": {"in_review", "changes", "superseded"},
        "changes": {"in_review", "approved", "superseded"},
        "superseded": set(),
        "failed": set(),
    }
)
