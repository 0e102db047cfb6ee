"""What happens to the demo's shots: routes, footage, draws, comps, notes, decisions. All of it by the services."""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from studio.accounts.models import User
from studio.comps import services as comps
from studio.comps.models import Version
from studio.footage import services as footage
from studio.footage.models import Take
from studio.generation import library, places, styles
from studio.generation import services as generation
from studio.generation.models import Draw, LibraryItem
from studio.jobs import services as jobs
from studio.media import services as media
from studio.media import storage
from studio.media.models import Upload
from studio.pipeline.demo import data
from studio.pipeline.demo.ground import Cast
from studio.productions import routes, services
from studio.productions.models import Layer, Location, Shot
from studio.releases import cutting
from studio.releases import services as releases
from studio.releases.models import Release
from studio.reviews import services as reviews
from studio.reviews.models import Note
from studio.reviews.seen import Seen

Plate = tuple[str, dict[str, Any], int]


class Story:
    """The production's shots and people by name, and what people do to them. Every step may be taken twice."""

    def __init__(self, cast: Cast, shots: dict[str, Shot]) -> None:
        self.cast, self.shots = cast, shots

    def layer(self, code: str, kind: str) -> Layer:
        return self.shots[code].layers.select_related("shot__production", "element").get(kind=kind)

    # -- routes

    def override(self, who: str, code: str, kind: str, route: str, reason: str) -> None:
        layer = self.layer(code, kind)
        if not layer.override_reason:
            routes.override_route(actor=self.cast[who], layer=layer, route=route, reason=reason)

    def propose(self, who: str, code: str, kind: str, route: str, reason: str) -> None:
        layer = self.layer(code, kind)
        if not layer.proposed_route:
            routes.propose_route(actor=self.cast[who], layer=layer, route=route, reason=reason)

    # -- footage and plates

    def shoot(self, code: str, filename: str, slate: str) -> None:
        """Editor Eddie sends a take, as the upload page does: permit, bytes, adoption."""
        layer = self.layer(code, "actor")
        if layer.takes.filter(slate=slate).exists() or self._arriving(layer, slate):
            return
        path = data.FIXTURES / filename
        permit = footage.permit(
            actor=self.cast["eddie"], shot=layer.shot, layer=layer, filename=filename, size=path.stat().st_size,
            sha256=storage.sha256_of(path), slate=slate, origin="http://localhost",
        )  # fmt: skip
        self._send(permit["upload"], path)

    def declare(self, code: str) -> None:
        """AI artist Ana sends a plate from outside and declares what it is."""
        layer = self.layer(code, "background")
        if layer.draws.exists() or self._arriving(layer, ""):
            return
        path = data.FIXTURES / data.DECLARED_PLATE
        permit = generation.permit(
            actor=self.cast["ana"], layer=layer, filename=path.name, size=path.stat().st_size,
            sha256=storage.sha256_of(path), declared=data.DECLARED, origin="http://localhost",
        )  # fmt: skip
        self._send(permit["upload"], path)

    def _arriving(self, layer: Layer, slate: str) -> bool:
        rows = Upload.objects.filter(purpose__layer=str(layer.pk), state__in=("received", "verifying"))
        return (rows.filter(purpose__slate=slate) if slate else rows).exists()

    @staticmethod
    def _send(upload: str, path: Path) -> None:
        target = media.upload_path(upload)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        media.received(UUID(upload))

    def stand(self, who: str, code: str, kind: str, name: str) -> None:
        """A layer that the breakdown does not know of: a thing before the lens."""
        shot = self.shots[code]
        if not shot.layers.filter(kind=kind).exists():
            services.add_layer(actor=self.cast[who], shot=shot, kind=kind, name=name)

    def draw(
        self, who: str, code: str, plate: Plate, *, kind: str = "background", count: int = 0, frames: int = 0
    ) -> None:
        """One plate at full size that fills its layer; with `count`, so many drafts to pick from. frames: of a clip."""
        layer = self.layer(code, kind)
        if layer.element is not None or layer.draws.exists():
            return
        family, params, seed = plate
        generation.request_draws(
            actor=self.cast[who], layer=layer, family=family, params=params, seed=seed, count=count or 1,
            draft=bool(count), use_when_done=not count, frames=frames,
        )  # fmt: skip

    # -- worlds

    def lock(self, who: str, place: str, comment: str, **content: Any) -> None:
        """A version of a location, with what fills its shots by then as reference plates."""
        location = Location.objects.get(production=self.shots["EP01_SC01_SH010"].production, name=place)
        if not location.versions.filter(comment=comment).exists():
            plates = places.pictures(location)
            places.lock(actor=self.cast[who], location=location, comment=comment, plates=plates, **content)

    def pin(self, who: str, code: str) -> None:
        """Move a shot to its location's newest version."""
        found = places.standing(self.shots[code])
        if found is not None and (found.behind or not found.pinned):
            places.upgrade(actor=self.cast[who], version=found.newest, shots=[self.shots[code]])

    def write_style(self, who: str, **words: str) -> None:
        production = self.shots["EP01_SC01_SH010"].production
        if styles.row_of(production) is None:
            styles.change(actor=self.cast[who], production=production, **words)

    def keep(self, who: str, code: str, kind: str, name: str, words: str, terms: str) -> LibraryItem:
        """Keep what fills a shot's layer in the library."""
        layer = self.layer(code, kind)
        production = layer.shot.production
        return LibraryItem.objects.filter(production=production, name=name).first() or library.add(
            actor=self.cast[who], production=production, element=layer.element, name=name, words=words, terms=terms
        )

    def keep_style(self, who: str, name: str) -> None:
        production = self.shots["EP01_SC01_SH010"].production
        if not LibraryItem.objects.filter(production=production, kind="style").exists():
            library.add(actor=self.cast[who], production=production, kind="style", name=name)

    def reuse(self, who: str, item: LibraryItem, code: str, kind: str) -> None:
        layer = self.layer(code, kind)
        if layer.element is None:
            library.use_in_layer(actor=self.cast[who], item=item, layer=layer)

    def circle(self, who: str, code: str) -> None:
        take = Take.objects.select_related("shot__production", "layer").get(layer=self.layer(code, "actor"), number=1)
        if not take.circled:
            footage.circle_take(actor=self.cast[who], take=take)

    @transaction.atomic
    def share(self, who: str, source: str, code: str, kind: str) -> None:
        """Let what fills one shot's layer fill another's: the same place, the same rain."""
        element, layer = self.layer(source, kind).element, self.layer(code, kind)
        if layer.element is None and element is not None:
            services.fill_layer(layer=layer, element=element, actor=self.cast[who])
            jobs.poke(layer.shot)

    def pick(self, code: str) -> None:
        """Ana stars one draft and bins another, with her reason."""
        drawn = list(Draw.objects.filter(layer=self.layer(code, "background"), state="done").order_by("seed"))
        if len(drawn) > 2:
            generation.star(actor=self.cast["ana"], draw=drawn[1])
            generation.bin_draw(actor=self.cast["ana"], draw=drawn[2], reason="The signs fight the faces. 招牌抢戏。")

    # -- comps

    def comp(self, code: str, number: int, comment: str, values: dict[str, dict[str, Any]] | None = None) -> None:
        """Cleo starts version `number` and has it put before the reviewers when it is rendered."""
        shot = self.shots[code]
        if shot.versions.filter(number=number).exists():
            return
        if values:
            names = {kind: str(self.layer(code, kind).pk) for kind in values if kind != "match"}
            settings = {names.get(kind, kind): given for kind, given in values.items()}
            comps.save_settings(actor=self.cast["cleo"], shot=shot, values=settings)
        comps.start_version(actor=self.cast["cleo"], shot=shot, comment=comment, submit=True)

    def version(self, code: str, number: int) -> Version:
        return Version.objects.select_related("shot__production", "created_by").get(
            shot=self.shots[code], number=number
        )

    # -- review

    def note(self, who: str, code: str, number: int, text: str, *, kind: str = "", **facts: Any) -> Note:
        version = self.version(code, number)
        layer = self.layer(code, kind) if kind else None
        found = Note.objects.filter(version=version, text=text, parent=None).first()
        return found or reviews.add_note(actor=self.cast[who], version=version, text=text, layer=layer, **facts)

    def answer(self, who: str, note: Note, text: str) -> None:
        if not Note.objects.filter(parent=note, text=text).exists():
            reviews.reply(actor=self.cast[who], note=note, text=text, internal=note.internal)

    def address(self, who: str, note: Note, number: int) -> None:
        note.refresh_from_db()
        if note.state == "open":
            version = self.version(note.shot.code, number)
            reviews.move_note(actor=self.cast[who], note=note, to="addressed", version=version)

    def verify(self, who: str, note: Note) -> None:
        note.refresh_from_db()
        if note.state == "addressed":
            reviews.move_note(actor=self.cast[who], note=note, to="verified")

    def decide(self, who: str, code: str, number: int, choice: str, comment: str = "", *, kind: str = "") -> None:
        version = self.version(code, number)
        actor: User = self.cast[who]
        layer = self.layer(code, kind) if kind else None
        if not version.decisions.filter(actor=actor, layer=layer).exists():
            reviews.decide(
                actor=actor, version=version, choice=choice, seen=Seen.of(version), comment=comment, layer=layer
            )

    # -- the cut

    def cut_in(self, who: str, code: str) -> None:
        shot = Shot.objects.get(pk=self.shots[code].pk)
        if not shot.cut_items.exists():
            cutting.add_shot(actor=self.cast[who], episode=shot.scene.episode, shot=shot)

    def trim(self, who: str, code: str, frame_in: int, frame_out: int) -> None:
        shot = self.shots[code]
        cutting.trim(
            actor=self.cast[who], episode=shot.scene.episode, shot=shot, frame_in=frame_in, frame_out=frame_out
        )

    def prepare_release(self, who: str, code: str) -> None:
        """The gate looks at once, and says what blocks."""
        episode = self.shots[code].scene.episode
        if not Release.objects.filter(episode=episode).exists():
            releases.create(actor=self.cast[who], episode=episode)

    # -- shots set aside

    def omit(self, who: str, code: str) -> None:
        if self._state(code) != "omitted":
            services.omit_shot(actor=self.cast[who], shot=self.shots[code])

    def hold(self, who: str, code: str) -> None:
        if self._state(code) != "on_hold":
            services.hold_shot(actor=self.cast[who], shot=self.shots[code])

    @transaction.atomic
    def unplan(self, who: str, code: str) -> None:
        """Nobody knows yet what this shot is made of: it has no layers, so it is merely planned."""
        shot = self.shots[code]
        for layer in shot.layers.all():
            services.remove_layer(actor=self.cast[who], layer=layer)
        services.move_shot(shot=Shot.objects.get(pk=shot.pk), to="planned", actor=self.cast[who])

    def _state(self, code: str) -> str:
        return Shot.objects.values_list("state", flat=True).get(pk=self.shots[code].pk)
