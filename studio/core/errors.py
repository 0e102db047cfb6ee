"""Errors with a sentence fit for the screen: what happened, what to do."""


class DomainError(Exception):
    """Something a person asked for cannot be done; `str()` is the sentence to show. `status` is the HTTP answer."""

    status = 400

    def __init__(self, message: object, *, code: str = "") -> None:
        super().__init__(str(message))
        self.code = code or type(self).__name__.lower()


class Forbidden(DomainError):
    """This person may not do this to this object."""

    status = 403


class NotThere(DomainError):
    """The object does not exist for this person."""

    status = 404


class Conflict(DomainError):
    """The object changed since the person saw it, or is in a state that does not allow the act."""

    status = 409


class Invalid(DomainError):
    """The values given cannot be used."""

    status = 422
