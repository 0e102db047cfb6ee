"""What ends an attempt early without being anybody's mistake."""


class LeaseLost(Exception):
    """The job belongs to another attempt now. Nothing of this one may be written; the runner walks away."""


class Stopped(Exception):
    """The attempt must end: cancelled by a person, or the worker is going down."""
