"""Path converters: EP01, SC02_SH010, v003."""

from django.urls import register_converter


class EpisodeCode:
    regex = r"EP\d{2,3}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ShotPath(EpisodeCode):
    regex = r"SC\d{2,3}_SH\d{3,4}"


class VersionName(EpisodeCode):
    """`v003` in the address, 3 in the view."""

    regex = r"v\d{3,4}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value[1:])

    def to_url(self, value: int | str) -> str:
        return value if isinstance(value, str) else f"v{value:03d}"


def register() -> None:
    register_converter(EpisodeCode, "episode")
    register_converter(ShotPath, "shotpath")
    register_converter(VersionName, "version")
