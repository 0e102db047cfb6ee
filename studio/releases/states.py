"""A release's states; any byte change returns it to draft."""

from studio.core.states import StateTable

RELEASE = StateTable(
    {
        "draft": {"checking", "blocked", "draft"},
        "checking": {"blocked", "ready", "draft"},
        "blocked": {"checking", "draft", "ready", "blocked"},
        "ready": {"signed", "draft", "blocked", "ready"},
        "signed": {"sealed", "draft", "blocked", "signed"},
        "sealed": {"published", "withdrawn"},
        "published": {"withdrawn"},
        "withdrawn": set(),
    }
)
