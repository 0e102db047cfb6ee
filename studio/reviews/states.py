"""How notes move. (A version's states stand in `comps.states`, a shot's in `productions.states`.)"""

from studio.core.states import StateTable

NOTE = StateTable(
    {
        "open": {"addressed", "declined"},
        "reopened": {"addressed", "declined"},
        "addressed": {"verified", "reopened"},
        "verified": {"reopened"},
        "declined": {"reopened"},
    }
)
# Still asks for something: what counts as open in lists and at the gate.
OPEN = ("open", "reopened")

# A shot's version before reviewers: the newest one in these states is its head, and only the head can be decided on.
HEAD = ("in_review", "changes", "approved")
