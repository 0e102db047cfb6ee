"""An episode whose shots are approved, as bytes that can really be conformed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.comps.models import Version
from studio.core.canonical import digest
from studio.productions.models import Episode, Layer, LayerKind, Likeness, Origin, Production, Shot
from studio.releases import cutting, services
from studio.releases.models import Release
from studio.reviews import services as reviews
from studio.reviews.seen import Seen
from tests.cast import Cast, make_cast
from tests.factories import (
    fill,
    make_artefact,
    make_element,
    make_episode,
    make_scene,
    make_shot,
    make_take,
    make_version,
)

PLAIN = Path(__file__).resolve().parents[2] / "fixtures" / "media" / "plain.mp4"  # 72×128, 24 fps, 36 frames, a beep
PRODUCER = "001191110000MA000000X000005"


@dataclass
class Stage:
    """An episode with approved shots of 36 real frames each, its production's papers in order."""

    production: Production
    episode: Episode
    cast: Cast
    shots: list[Shot]

    def cut(self) -> None:
        cutting.add_all(actor=self.cast.eddie, episode=self.episode)

    def release(self) -> Release:
        return services.create(actor=self.cast.dan, episode=self.episode)


def make_stage(
    shots: int = 2,
    *,
    ai: bool = False,
    sound: bool = True,
    film: Path = PLAIN,
    poster: Path | None = None,
    **fields: Any,
) -> Stage:
    """ai: the first shot's background was made by a model. film: every master, 36 frames. fields: the production's."""
    papers = {"filing_number": "(沪)网微剧审字(2026)第001号", "content_producer": PRODUCER}
    episode = make_episode(number=1)
    production = episode.production
    Production.objects.filter(pk=production.pk).update(**(papers | fields))
    production.refresh_from_db()
    cast = make_cast(production)
    scene = make_scene(episode)
    likeness = Likeness.objects.create(production=production, name="Lin Xia", consent_reference="C-12")
    made = []
    for number in range(shots):
        shot = make_shot(scene, state="in_work", duration_frames=36)
        shot.layers.filter(kind=LayerKind.ACTOR).update(likeness=likeness)
        for layer in shot.layers.all():
            _fill(production, shot, layer, ai=ai and number == 0, sound=sound)
        seen = {"poster": make_artefact(production, poster, mime="image/png")} if poster else {}
        footage = make_artefact(production, film)
        approve(cast, make_head(shot, cast, master=footage, proxy=footage, **seen))
        shot.refresh_from_db()
        made.append(shot)
    return Stage(production, Episode.objects.get(pk=episode.pk), cast, made)


def _fill(production: Production, shot: Shot, layer: Layer, *, ai: bool, sound: bool) -> None:
    if layer.kind == LayerKind.ACTOR:
        plain = make_artefact(production, PLAIN)
        element = make_element(production, layer.kind, origin=Origin.CAPTURED, artefact=plain, name="Lin Xia")
        probe = {"fps_num": 24, "fps_den": 1, "frame_count": 36, "audio": {"codec": "aac"} if sound else None}
        make_take(shot, layer=layer, artefact=plain, element=element, circled=True, probe=probe, frame_count=36)
    else:
        origin = Origin.GENERATED if ai else Origin.PROCEDURAL
        element = make_element(production, layer.kind, origin=origin, ai_made=ai)
    fill(layer, element)


def make_head(shot: Shot, cast: Cast, **fields: Any) -> Version:
    """A version before reviewers whose master is real film."""
    production = shot.production
    number = shot.versions.count() + 1
    recipe = {
        "schema": "comp.1", "width": production.width, "height": production.height, "fps_num": production.fps_num,
        "fps_den": production.fps_den, "frame_count": 36, "shot": shot.code, "number": number,
        "layers": [{"id": str(layer.pk), "frame_offset": 0} for layer in shot.layers.all()],
    }  # fmt: skip
    values = {
        "number": number, "recipe": recipe, "recipe_sha256": digest(recipe), "frame_count": 36, "state": "in_review",
        "master": make_artefact(production, PLAIN), "created_by": cast.cleo,
    }  # fmt: skip
    version = make_version(shot, **(values | fields))
    shot.versions.filter(number__lt=version.number, state="in_review").update(state="superseded")
    Shot.objects.filter(pk=shot.pk).update(state="in_review")
    return version


def approve(cast: Cast, version: Version) -> None:
    version = Version.objects.get(pk=version.pk)
    reviews.decide(actor=cast.dan, version=version, choice="approve", seen=Seen.of(version))
