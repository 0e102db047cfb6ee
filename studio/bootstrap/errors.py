"""The one error of this package."""


class CannotStart(Exception):
    """The studio cannot start; `str()` is one sentence that says what is wrong and what to do."""
