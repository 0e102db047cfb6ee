"""The shot's states: planned -> routed -> in_work -> in_review <-> changes -> approved -> in_cut -> released."""

from studio.core.states import StateTable

SHOT = StateTable(
    {
        "planned": {"routed", "in_work", "on_hold", "omitted"},
        "routed": {"in_work", "planned", "on_hold", "omitted"},
        "in_work": {"in_review", "on_hold", "omitted"},
        "in_review": {"changes", "approved", "in_review", "on_hold", "omitted"},
        "changes": {"in_review", "approved", "in_work", "on_hold", "omitted"},
        "approved": {"in_cut", "in_review", "changes", "on_hold", "omitted"},
        "in_cut": {"released", "approved", "in_review", "changes"},
        "released": {"in_review", "in_cut"},
        "on_hold": {"planned", "routed", "in_work", "in_review", "changes", "approved"},
        "omitted": {"planned", "routed", "in_work", "in_review", "changes", "approved"},
    }
)
