"""What the ingest refuses."""


class Refusal(Exception):
    """An HTTP status and a sentence for the row of the file that is being sent."""

    def __init__(self, status: int, sentence: object, *, code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(str(sentence))
        self.status, self.code, self.headers = status, code, headers or {}
