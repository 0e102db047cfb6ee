"""The access matrix, second half: footage, draws, comps and review. See `access.py` for how to read it."""

import json
from typing import Any

from studio.generation.models import Draw
from studio.reviews.models import Annotation, Note
from studio.reviews.seen import Seen
from tests.factories import make_take
from tests.studio.access import ALL, TEAM, Row, World

COMPING = "DVCA"
PLATE = {"filename": "p.png", "size": 9, "origin": "library", "licence": "own"}


def take(world: World) -> Any:
    return world.shot.takes.first() or make_take(world.shot)


def send(world: World) -> dict[str, Any]:
    return {"filename": "a.mp4", "size": 9, "layer": str(world.shot.layers.get(kind="actor").pk)}


def draw(world: World) -> Draw:
    fields = {
        "backend": "procedural",
        "origin": "procedural",
        "recipe": {},
        "state": "done",
        "asked_by": world.cast.ana,
    }
    return world.layer.draws.first() or Draw.objects.create(layer=world.layer, **fields)


def note(world: World) -> Note:
    made = world.shot.notes.first()
    if made is None:
        fields = {"shot": world.shot, "version": world.version, "internal": False}
        made = Note.objects.create(text="flyaways", author=world.cast.dan, **fields)
        Annotation.objects.create(note=made, frame=0, strokes=[])
    return made


def drawing(world: World) -> Annotation:
    return note(world).annotations.get()


def decision(world: World) -> dict[str, Any]:
    return {"choice": "changes", "comment": "no", "seen": json.dumps(Seen.of(world.version).as_dict())}


def api_decision(world: World) -> dict[str, Any]:
    return {"version": 1, "choice": "changes", "comment": "no", "seen": Seen.of(world.version).as_dict()}


def shot_api(world: World) -> str:
    return f"{world.api}/shots/{world.shot.code}"


ROWS = [
    # Footage
    Row("footage:list", TEAM, lambda w: f"{w.base}/footage/"),
    Row("footage:takes", TEAM, lambda w: f"{w.at}/takes/"),
    Row("footage:permit", "PDVCAE", lambda w: f"{w.at}/takes/permit/", "post", send),
    Row("footage:circle", "DVCE", lambda w: f"{w.base}/footage/{take(w).pk}/circle/", "post"),
    Row("footage:uncircle", "DVCE", lambda w: f"{w.base}/footage/{take(w).pk}/uncircle/", "post"),
    Row("footage:window", "PDVCAE", lambda w: f"{w.base}/footage/{take(w).pk}/window/", "post", {"centre_milli": 400}),
    Row("api:studio_footage_api_list_takes", TEAM, lambda w: f"{w.api}/takes"),
    Row("api:studio_footage_api_send_take", "PDVCAE", lambda w: f"{shot_api(w)}/takes", "post", send),
    Row("api:studio_footage_api_one_take", TEAM, lambda w: f"{w.api}/takes/{take(w).pk}"),
    Row("api:studio_footage_api_circle_take", "DVCE", lambda w: f"{w.api}/takes/{take(w).pk}/circle", "post"),
    Row("api:studio_footage_api_uncircle_take", "DVCE", lambda w: f"{w.api}/takes/{take(w).pk}/uncircle", "post"),
    Row(
        "api:studio_footage_api_move_window",
        "PDVCAE",
        lambda w: f"{w.api}/takes/{take(w).pk}/window",
        "post",
        {"centre_milli": 400},
    ),
    # Draws
    Row("generation:worlds", TEAM, lambda w: f"{w.base}/worlds/"),
    Row("generation:draws", TEAM, lambda w: f"{w.at}/draws/{w.layer.pk}/"),
    Row("generation:ask", "PVA", lambda w: f"{w.at}/draws/{w.layer.pk}/ask/", "post", {"family": "city"}),
    Row("generation:permit", "PDVCAE", lambda w: f"{w.at}/draws/{w.layer.pk}/permit/", "post", PLATE),
    Row("generation:pick", "PDVA", lambda w: f"{w.base}/draw/{draw(w).pk}/star/", "post"),
    Row("api:studio_generation_api_offers", TEAM, lambda w: f"{w.api}/layers/{w.layer.pk}/offers"),
    Row("api:studio_generation_api_list_draws", TEAM, lambda w: f"{w.api}/layers/{w.layer.pk}/draws"),
    Row(
        "api:studio_generation_api_ask",
        "PVA",
        lambda w: f"{w.api}/layers/{w.layer.pk}/draws",
        "post",
        {"family": "city"},
    ),
    Row(
        "api:studio_generation_api_send_plate", "PDVCAE", lambda w: f"{w.api}/layers/{w.layer.pk}/plates", "post", PLATE
    ),
    Row("api:studio_generation_api_one_draw", TEAM, lambda w: f"{w.api}/draws/{draw(w).pk}"),
    Row(
        "api:studio_generation_api_pick", "PDVA", lambda w: f"{w.api}/draws/{draw(w).pk}/pick", "post", {"act": "star"}
    ),
    # Comp
    Row("comps:comp", TEAM, lambda w: f"{w.at}/comp/"),
    Row("comps:settings", TEAM, lambda w: f"{w.at}/comp/settings/"),
    Row("comps:settings", COMPING, lambda w: f"{w.at}/comp/settings/", "put", {"values": {}}),
    Row("comps:undo", COMPING, lambda w: f"{w.at}/comp/settings/undo/", "post"),
    Row("comps:redo", COMPING, lambda w: f"{w.at}/comp/settings/redo/", "post"),
    Row("comps:reset", COMPING, lambda w: f"{w.at}/comp/settings/reset/", "post"),
    Row("comps:layers", TEAM, lambda w: f"{w.at}/comp/layers/"),
    Row("comps:panels", TEAM, lambda w: f"{w.at}/comp/panels/"),
    Row("comps:versions", TEAM, lambda w: f"{w.at}/comp/versions/"),
    Row("comps:start", COMPING, lambda w: f"{w.at}/comp/versions/start/", "post", {"mode": "fast"}),
    Row("comps:submit", COMPING, lambda w: f"{w.at}/comp/versions/v001/submit/", "post"),
    Row("comps:copy", COMPING, lambda w: f"{w.at}/comp/versions/v001/settings/", "post"),
    Row("api:list_comp_parameters", ALL, lambda w: f"{w.api}/comp/parameters"),
    Row("api:get_comp_settings", TEAM, lambda w: f"{shot_api(w)}/comp/settings"),
    Row("api:save_comp_settings", COMPING, lambda w: f"{shot_api(w)}/comp/settings", "put", {"values": {}}),
    Row("api:undo_comp_settings", COMPING, lambda w: f"{shot_api(w)}/comp/settings/undo", "post", {}),
    Row("api:redo_comp_settings", COMPING, lambda w: f"{shot_api(w)}/comp/settings/redo", "post", {}),
    Row("api:list_versions", ALL, lambda w: f"{shot_api(w)}/versions"),
    Row("api:start_version", COMPING, lambda w: f"{shot_api(w)}/versions", "post", {}),
    Row("api:get_version", ALL, lambda w: f"{shot_api(w)}/versions/v001"),
    Row("api:cancel_version", "PDV", lambda w: f"{shot_api(w)}/versions/v001/cancel", "post"),
    Row("api:submit_version", COMPING, lambda w: f"{shot_api(w)}/versions/v001/submit", "post"),
    Row("api:copy_version_settings", COMPING, lambda w: f"{shot_api(w)}/versions/v001/settings", "post", {}),
    # Review
    Row("reviews:queue", ALL, lambda w: f"{w.base}/review/"),
    Row("reviews:csv", ALL, lambda w: f"{w.base}/review/notes.csv"),
    Row("reviews:reply", ALL, lambda w: f"{w.base}/review/notes/{note(w).pk}/reply/", "post", {"text": "yes"}),
    Row(
        "reviews:move",
        COMPING,
        lambda w: f"{w.base}/review/notes/{note(w).pk}/move/",
        "post",
        {"to": "addressed", "version": 1},
    ),
    Row(
        "reviews:remove-drawing",
        "DV",
        lambda w: f"{w.base}/review/notes/{note(w).pk}/drawings/{drawing(w).pk}/remove/",
        "post",
    ),
    Row("reviews:review", ALL, lambda w: f"{w.at}/review/"),
    Row("reviews:version", ALL, lambda w: f"{w.at}/review/v001/"),
    Row("reviews:notes", ALL, lambda w: f"{w.at}/review/v001/notes/"),
    Row("reviews:notes", ALL, lambda w: f"{w.at}/review/v001/notes/", "post", {"text": "look"}),
    Row("reviews:decision", ALL, lambda w: f"{w.at}/review/v001/decision/"),
    Row("reviews:decision", "PDV", lambda w: f"{w.at}/review/v001/decision/", "post", decision),
    Row("reviews:submit", COMPING, lambda w: f"{w.at}/review/v001/submit/", "post"),
    Row("api:studio_reviews_api_list_notes", ALL, lambda w: f"{shot_api(w)}/notes"),
    Row(
        "api:studio_reviews_api_add_note", ALL, lambda w: f"{shot_api(w)}/notes", "post", {"version": 1, "text": "look"}
    ),
    Row(
        "api:studio_reviews_api_add_reply",
        ALL,
        lambda w: f"{w.api}/notes/{note(w).pk}/replies",
        "post",
        {"text": "yes"},
    ),
    Row(
        "api:studio_reviews_api_move_note",
        COMPING,
        lambda w: f"{w.api}/notes/{note(w).pk}/state",
        "post",
        {"to": "addressed", "version": 1},
    ),
    Row("api:studio_reviews_api_list_decisions", ALL, lambda w: f"{shot_api(w)}/decisions"),
    Row("api:studio_reviews_api_decide", "PDV", lambda w: f"{shot_api(w)}/decisions", "post", api_decision),
    Row("api:studio_reviews_api_stand", ALL, lambda w: f"{shot_api(w)}/versions/1/review"),
    Row("api:studio_reviews_api_submit", COMPING, lambda w: f"{shot_api(w)}/versions/1/review", "post"),
    Row("api:studio_reviews_api_review_queue", ALL, lambda w: f"{w.api}/review-queue"),
]

# A preview waits for a worker; who may have one is seen where no worker is needed.
ELSEWHERE = {
    "comps:preview": "test_comps_pages: the team only",
    "comps:picture": "test_comps_pages: the team only",
    "api:preview_comp": "test_comps_pages: the team only",
    "api:get_comp_preview": "test_comps_pages: the team only",
}
LISTED = ("footage", "generation", "comps", "reviews")
