"""Shot codes: EP01_SC02_SH010; versions: v003."""

import re

from django.utils.translation import gettext as _

from studio.core.errors import Invalid

SHOT_CODE = re.compile(r"^EP(\d{2,3})_SC(\d{2,3})_SH(\d{3,4})$")


def shot_code(episode: int, scene: int, shot: int) -> str:
    """`shot_code(1, 2, 10)` is `EP01_SC02_SH010`. Shots count in tens so that one can be put between two."""
    return f"EP{episode:02d}_SC{scene:02d}_SH{shot:03d}"


def parse_shot_code(code: str) -> tuple[int, int, int]:
    """The (episode, scene, shot) numbers of a code. Raises Invalid for anything else."""
    match = SHOT_CODE.match(code)
    if not match:
        raise Invalid(_("“%(code)s” is no shot code; a shot code reads EP01_SC02_SH010.") % {"code": code})
    episode, scene, shot = (int(part) for part in match.groups())
    return episode, scene, shot


def version_name(number: int) -> str:
    return f"v{number:03d}"
