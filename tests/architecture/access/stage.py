"""The stage of the access matrix: a production with one object for every address, and a second one that nobody of the
first may reach.

What only the team may read carries the word SECRET, what the second production holds the word FOREIGN: the matrix
looks for both in every answer.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings

from studio.accounts.models import User
from studio.accounts.services import issue_token
from studio.comps import previews, recipes
from studio.comps.models import Preset, Version
from studio.comps.selectors import facts_of, settings_of
from studio.generation.backends import BACKENDS
from studio.generation.models import (
    Draw,
    LibraryItem,
    LibraryUse,
    LocationVersion,
    PinMove,
    RegisteredModel,
    ShotPin,
)
from studio.jobs.models import Job
from studio.ledger.services import record
from studio.productions.models import Invitation, LayerKind, Likeness, Location, Membership, Rate, Shot
from studio.releases.models import Cut, CutItem, Release
from studio.releases.services import VERIFY
from studio.reviews.models import Annotation, Decision, Note
from studio.reviews.seen import Seen
from tests.cast import ROLES, make_cast, make_user
from tests.factories import (
    fill,
    make_artefact,
    make_episode,
    make_layer,
    make_production,
    make_scene,
    make_shot,
    make_take,
    make_version,
)

LETTERS = dict(zip("PDVCAEKG", ROLES, strict=True))
SECRET, FOREIGN = "SECRET", "FOREIGN"
DIGEST = "ab" * 32
# Figures that only the team may read; too odd to stand anywhere by chance.
BUDGET, CAP, COST = 918_273_600, 918_273_500, 918_273_400


@dataclass
class World:
    """One production's objects by the names that addresses use; `values` fill URL arguments and `$name` in bodies."""

    people: dict[str, User]
    values: dict[str, Any]
    tokens: dict[str, str]


def build(word: str, *, number: int, people: dict[str, User] | None = None) -> World:
    """A production whose internal words begin with `word`. people: by name as in the cast; None: the cast itself."""
    production = make_production(
        title=f"{word if word == FOREIGN else '归途'} {number}",
        budget_minor=BUDGET,
        draw_cap_minor=CAP,
    )
    if people is None:
        cast = make_cast(production)
        people = {name: getattr(cast, name) for name in ROLES}
    else:
        for name, role in ROLES.items():
            Membership.objects.create(production=production, user=people[name], role=role, guest_may_note=True)
    dan, cleo, ana = people["dan"], people["cleo"], people["ana"]
    episode = make_episode(production, number, title=f"{word if word == FOREIGN else ''} night")
    scene = make_scene(episode, number)
    shot = make_shot(
        scene,
        description=f"{word} description",
        dialogue=f"{word} dialogue",
        state=Shot.State.IN_REVIEW,
        budget_minor=BUDGET,
    )
    planned = make_shot(scene, title=f"{word} planned")
    spare = make_layer(shot, LayerKind.SUBTITLE, name="Captions")
    approved = make_shot(scene, state=Shot.State.APPROVED)
    make_version(approved, state=Version.State.APPROVED, created_by=cleo)
    in_cut = make_shot(scene, state=Shot.State.IN_CUT)
    cut = Cut.objects.create(episode=episode)
    playing = make_version(in_cut, state=Version.State.APPROVED, created_by=cleo)
    CutItem.objects.create(cut=cut, shot=in_cut, version=playing)
    Release.objects.create(episode=episode, number=1, error=f"{word} error", checks=[])
    sealed = Release.objects.create(
        episode=episode,
        number=2,
        state=Release.State.SEALED,
        master=make_artefact(production),
        sealed_at=datetime.now(UTC),
    )
    Job.objects.create(
        kind=VERIFY,
        production_id=production.pk,
        subject_type="release",
        subject_id=str(sealed.pk),
        state=Job.State.DONE,
        result={"good": True, "findings": []},
    )
    background, actor = shot.layers.get(kind=LayerKind.BACKGROUND), shot.layers.get(kind=LayerKind.ACTOR)
    fill(background, name=f"{word} element", source=f"{word} source")
    fill(actor, name=f"{word} actor element")
    take = make_take(shot, filename=f"{word}-take.mp4", uploaded_by=people["eddie"])
    take.probe |= {"display_width": 72, "display_height": 128}
    take.save()
    job = Job.objects.create(
        kind="generation.draw",
        production_id=production.pk,
        subject_type="shot",
        subject_id=str(shot.pk),
        title=f"{word} job",
        created_by=ana,
    )
    draw = Draw.objects.create(
        layer=background,
        backend="procedural",
        origin="procedural",
        recipe=BACKENDS["procedural"].check({"family": "city", "seed": 5, "width": 72, "height": 128})
        | {"note": f"{word} recipe"},
        recipe_sha256=DIGEST,
        state=Draw.State.DONE,
        draft=False,
        artefact=make_artefact(production),
        cost_minor=COST,
        asked_by=ana,
        job=job,
    )
    recipe = recipes.build(facts_of(shot), {}).to_dict()
    shown = {
        "created_by": cleo,
        "recipe": recipe,
        "comment": f"{word} comment v001",
        "cost_minor": COST,
        "report": {"screen": word},
    }
    first = make_version(shot, state=Version.State.IN_REVIEW, **shown)
    first.proxy = make_artefact(production, internal=False)
    first.save()
    second = make_version(
        shot, state=Version.State.READY, created_by=cleo, comment=f"{word} draft", poster=make_artefact(production)
    )
    preset, gone = (
        Preset.objects.create(
            production=production, name=f"{word} {name}", groups=["despill"], values={"actor": {"despill_milli": 800}},
            before={"name": f"{word} before", "values": {}}, deleted_at=deleted, created_by=cleo,
        )
        for name, deleted in (("preset", None), ("gone preset", datetime.now(UTC)))
    )  # fmt: skip
    building = make_version(planned, state=Version.State.BUILDING, created_by=cleo, job=None)
    note = Note.objects.create(
        shot=shot,
        version=first,
        text=f"{word if word == FOREIGN else 'open'} must-note",
        must=True,
        internal=False,
        author=dan,
        state=Note.State.ADDRESSED,
        addressed_by=ana,
        addressed_in=second,
    )
    inner = Note.objects.create(shot=shot, version=first, text=f"{word} internal note", internal=True, author=dan)
    Note.objects.create(shot=shot, version=first, text=f"{word} answer", internal=True, author=dan, parent=note)
    Note.objects.create(shot=shot, version=second, text=f"{word} note on a draft", internal=False, author=dan)
    annotation = Annotation.objects.create(note=note, frame=0, strokes=[])
    seen = Seen.of(first)
    Decision.objects.create(
        shot=shot,
        version=first,
        layer=background,
        verdict="changes",
        media_sha256=seen.media,
        recipe_sha256=seen.recipe,
        layer_digests={str(background.pk): seen.layers[str(background.pk)]},
        comment=f"{word} decision",
        actor=people["vera"],
        role="vfx_supervisor",
        payload_sha256=DIGEST,
    )
    location = Location.objects.create(production=production, name=f"{word} location")
    scenery = fill(approved.layers.get(kind=LayerKind.BACKGROUND), name=f"{word} scenery", licence="CC0")
    kept = fill(in_cut.layers.get(kind=LayerKind.BACKGROUND), name=f"{word} kept", licence="CC0")
    kept.poster = make_artefact(production, mime="image/jpeg", suffix=".jpg")
    kept.save()
    item = LibraryItem.objects.create(
        production=production, kind="location", name=f"{word} item", words=f"{word} words a", element=kept,
        licence="CC0", terms=f"{word} terms",
    )  # fmt: skip
    crowd = make_layer(approved, LayerKind.CROWD)
    used = LibraryUse.objects.create(
        item=item, production=production, layer=crowd, element=fill(crowd, name=f"{word} used")
    )
    unused = Location.objects.create(production=production, name=f"{word} other location")
    scene.location = location
    scene.save()
    locked = LocationVersion.objects.create(
        location=unused, number=1, words=f"{word} words", seed_family=5_000, sha256=DIGEST, comment=f"{word} version"
    )
    aside = make_shot(
        make_scene(episode, number + 10, location=unused), state=Shot.State.IN_WORK, title=f"{word} aside"
    )
    ShotPin.objects.create(shot=aside, version=locked)
    move = PinMove.objects.create(batch=uuid4(), shot=aside, after=locked, actor=dan)
    likeness = Likeness.objects.create(production=production, name=f"{word} likeness", consent_reference=word)
    rate = Rate.objects.create(
        production=production, key="cpu_hour", amount_minor=900, source=f"{word} rate", valid_from=date(2026, 1, 1)
    )
    secret = f"a-door-that-opens-once-{number}"
    invitation = Invitation.objects.create(
        production=production,
        email=f"{word.lower()}-nina-{number}@huo.test",
        role="editor",
        token_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        invited_by=people["priya"],
        expires_at=datetime.now(UTC) + timedelta(days=7),
    )
    record(
        "member.invited", production_id=production.pk, subject=invitation, actor=people["priya"], code=invitation.email
    )
    record("shot.edited", production_id=production.pk, subject=planned, actor=dan, cost_minor=COST, data={"was": word})
    # A model is the whole house's: who may see its page, not whose it is, is what the matrix looks at.
    model, _made = RegisteredModel.objects.get_or_create(
        name="night-city",
        defaults={
            "title": "Night city", "kind": "pipeline", "family": "sdxl", "licence": "MIT", "source": "the vendor",
            "manifest": {"a.safetensors": DIGEST}, "manifest_sha256": DIGEST, "commercial": "yes",
            "state": "verified", "approved_at": datetime.now(UTC), "dtype": "float16",
        },
    )  # fmt: skip
    (settings.MODEL_HOME / "new-model").mkdir(parents=True, exist_ok=True)
    picture = previews.picture_path(str(shot.pk), DIGEST)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(b"a picture")
    tokens = {name: issue_token(user=user, name="matrix")[1] for name, user in people.items()}
    values = {
        "slug": production.slug,
        "episode": episode.code,
        "scene": scene.code,
        "scene_id": scene.pk,
        "shot": shot.path_code,
        "code": shot.code,
        "planned": planned.code,
        "planned_path": planned.path_code,
        "layer": background.pk,
        "layer_id": background.pk,
        "spare": spare.pk,
        "actor": actor.pk,
        "take": take.pk,
        "draw": draw.pk,
        "model_name": model.name,
        "job": job.pk,
        "number": 1,
        "name": "v001",
        "note_id": note.pk,
        "inner": inner.pk,
        "annotation_id": annotation.pk,
        "member_id": production.memberships.get(user=ana).pk,
        "invitation_id": invitation.pk,
        "secret": secret,
        "rate_id": rate.pk,
        "likeness_id": likeness.pk,
        "location_id": unused.pk,
        "batch": move.batch,
        "item_id": item.pk,
        "use_id": used.pk,
        "element": scenery.pk,
        "spare_background": scenery.layers.get().pk,
        "sha256": take.artefact_id,
        "open_sha256": first.proxy_id,
        "digest": DIGEST,
        "frame": 0,
        "token_id": ana.api_tokens.get().pk,
        "ana": ana.pk,
        "seen": seen.as_dict(),
        "approved_path": approved.path_code,
        "cut_path": in_cut.path_code,
        "cut_code": in_cut.code,
        "form": "csv",
        "act": "star",
        "building": building.name,
        "preset": preset.pk,
        "gone": gone.pk,
        "revision": preset.revision,
        "settings_seen": settings_of(planned).seen,
        "draft_poster": second.poster_id,
    }
    return World(people, values, tokens)


def build_both() -> tuple[World, World, str]:
    """The production, its twin with people of its own, and the stranger's token (`otto`)."""
    ours = build(SECRET, number=1)
    others = {name: make_user(f"{name}-2") for name in ROLES}
    for name, user in others.items():
        user.name = f"{FOREIGN} {name}"
        user.save()
    twin = build(FOREIGN, number=2, people=others)
    otto = make_user("otto")
    return ours, twin, issue_token(user=otto, name="matrix")[1]


def put(body: Any, values: dict[str, Any], *, form: bool) -> Any:
    """`body` with every `$name` replaced by the stage's object: its id in JSON, its text in a form."""
    if isinstance(body, dict):
        return {key: put(value, values, form=form) for key, value in body.items()}
    if isinstance(body, list):
        return [put(value, values, form=form) for value in body]
    if isinstance(body, str) and body.startswith("$"):
        value = values[body[1:]]
        if isinstance(value, dict):
            return json.dumps(value) if form else value
        return str(value)
    return body
