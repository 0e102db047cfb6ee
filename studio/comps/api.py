"""`/api/v1/productions/{slug}/shots/{code}/comp`: settings, previews and versions, as on the comp page.

Frames count from 0; `frame_number` beside them adds the production's start frame.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Schema, Status

from compositing.parameters import PARAMETERS
from studio.comps import exports, previews, recipes, selectors, services
from studio.comps.models import Version, VersionLayer
from studio.core.api import Router
from studio.core.errors import DomainError
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["comps"])


class SettingsOut(Schema):
    """values: {layer id: {parameter: value}, "match": {...}, "hidden": [layer id]}; what is absent is automatic.
    A layer's `masks` are garbage and holdout polygons: [{"id", "kind": "garbage" | "holdout", "name",
    "feather_px_milli", "invert", "off", "keys": [{"frame", "points": [[x, y], ...]}]}], frame: the layer's own, from
    0; points: ten-thousandths of the frame. Between keys each point moves in a straight line.
    position: the place in the history. seen: send it back with a change, so that a colleague's is not overwritten."""

    values: dict[str, Any]
    seen: str
    can_undo: bool
    can_redo: bool
    position: int
    frame_count: int


class SettingsIn(Schema):
    values: dict[str, Any]
    seen: str | None = None


class StepIn(Schema):
    seen: str | None = None


class GoIn(Schema):
    """position: of one of the history's states."""

    position: int
    seen: str | None = None


class HistoryStepOut(Schema):
    """id: what `step` of a preview names it by. changed: [layer id or "match" or "hidden", parameter] pairs; a
    change of masks has words as a third."""

    id: str
    position: int
    changed: list[list[str]]
    by: str
    at: str
    now: bool


class ParameterOut(Schema):
    """unit: milli, px_milli (thousandths of a pixel at 1080 wide), angle_milli (of a turn) or switch."""

    name: str
    set: str
    group: str
    label: str
    help: str
    minimum: int
    maximum: int
    default: int
    step: int
    unit: str


class PreviewIn(Schema):
    """values: absent for the stored settings. width: pixels. page: names the asker; its newer wish replaces
    an older one. mode: as which render. version ("v003") or step (an id of the history) instead of values: as that
    was. fine: hardly any JPEG loss. draw: the id of a draw to put where its layer's filling is."""

    frame: int
    view: str = "comp"
    layer: str = ""
    width: int = 540
    values: dict[str, Any] | None = None
    page: str = Field("api", max_length=40, pattern=r"^[-\w]+$")
    mode: str = "fast"
    version: str = Field("", pattern=r"^(v\d{1,6})?$")
    step: str = Field("", max_length=16, pattern=r"^[0-9a-f]*$")
    fine: bool = False
    draw: UUID | None = None


class PreviewOut(Schema):
    """state: ready (url holds the JPEG), waiting (202: ask again) or failed (422: error says why)."""

    state: str
    digest: str
    url: str = ""
    frame: int = 0
    frame_number: int = 0
    report: dict[str, Any] = {}
    error: str = ""


class VersionLayerOut(Schema):
    layer_id: UUID
    kind: str
    name: str
    order: int
    origin: str
    ai_made: bool
    artefact_sha256: str
    layer_recipe_sha256: str
    digest: str


class VersionOut(Schema):
    """state: building, ready, in_review, approved, changes, superseded, failed. Files by sha256.

    An outside reviewer gets no recipe, report, comment or cost; a decision's digests come from `.../review`."""

    name: str
    number: int
    shot: str
    state: str
    comment: str
    error: str
    recipe: dict[str, Any]
    recipe_sha256: str
    draft: bool
    job: UUID | None = Field(None, alias="job_id")
    master: str | None = Field(None, alias="master_id")
    proxy: str | None = Field(None, alias="proxy_id")
    matte: str | None = Field(None, alias="matte_id")
    foreground: str | None = Field(None, alias="foreground_id")
    poster: str | None = Field(None, alias="poster_id")
    frame_count: int
    report: dict[str, Any]
    seconds_milli: int | None
    cost_minor: int | None
    created_at: datetime
    rendered_at: datetime | None
    layers: list[VersionLayerOut]

    @staticmethod
    def resolve_shot(row: Version) -> str:
        return row.shot.code

    @staticmethod
    def resolve_layers(row: Version, context: Any) -> list[VersionLayer]:
        return list(row.version_layers.all()) if _inside(context["request"], row) else []


class VersionIn(Schema):
    """mode: draft (half the size; never submitted) | fast | best. submit: put it before reviewers when it is rendered.
    values: absent for the stored
    settings."""

    comment: str = ""
    mode: str = "best"
    submit: bool = False
    values: dict[str, Any] | None = None


class ExportIn(Schema):
    """kind: prores4444 (straight alpha, sRGB-coded), png (the same in 16 bits, zipped) or exr (linear, premultiplied
    half floats, zipped)."""

    kind: str


class ExportOut(Schema):
    """artefact: sha256 of the file, once it is made. job: the work under way."""

    kind: str
    filename: str
    artefact: str | None = Field(None, alias="artefact_id")
    job: UUID | None = Field(None, alias="job_id")
    error: str


def _shot(request: HttpRequest, slug: str, code: str, *, team: bool = True) -> Shot:
    shot = selectors.shot_by_code(request.user, get_production(request.user, slug), code)
    if team:
        policy.require(request.user, Action.SEE_INTERNAL, shot)
    return shot


def _inside(request: HttpRequest, row: Version) -> bool:
    return policy.may(request.user, Action.SEE_INTERNAL, row)


def _told_to(request: HttpRequest, row: Version) -> Version:
    """The row as this person may read it; for a guest emptied of how it was made (in memory alone)."""
    if not _inside(request, row):
        row.comment = row.error = ""
        row.recipe, row.report = {}, {}
        row.job = row.seconds_milli = row.cost_minor = None
    return row


def _version(request: HttpRequest, slug: str, code: str, name: str, *, team: bool = True) -> Version:
    shot = _shot(request, slug, code, team=team)
    if name[:1] != "v" or not name[1:].isdigit():
        raise Http404
    return selectors.version_for(request.user, shot, int(name[1:]))


def _told(shot: Shot, now: selectors.Settings) -> dict[str, Any]:
    return now.as_dict() | {"frame_count": recipes.frame_count(selectors.facts_of(shot), now.values)}


@router.get("/comp/parameters", response=list[ParameterOut], operation_id="list_comp_parameters")
def list_parameters(request: HttpRequest, slug: str) -> list[Any]:
    """Every parameter of the engine, with its range and unit."""
    get_production(request.user, slug)
    return list(PARAMETERS)


@router.get("/shots/{code}/comp/settings", response=SettingsOut, operation_id="get_comp_settings")
def get_settings(request: HttpRequest, slug: str, code: str) -> dict[str, Any]:
    shot = _shot(request, slug, code)
    return _told(shot, selectors.settings_of(shot))


@router.put("/shots/{code}/comp/settings", response=SettingsOut, operation_id="save_comp_settings")
def save_settings(request: HttpRequest, slug: str, code: str, body: SettingsIn) -> dict[str, Any]:
    """409 if `seen` is given and somebody else changed the settings since."""
    shot = _shot(request, slug, code)
    return _told(shot, services.save_settings(actor=request.user, shot=shot, values=body.values, seen=body.seen))


@router.post("/shots/{code}/comp/settings/undo", response=SettingsOut, operation_id="undo_comp_settings")
def undo_settings(request: HttpRequest, slug: str, code: str, body: StepIn) -> dict[str, Any]:
    shot = _shot(request, slug, code)
    return _told(shot, services.step_settings(actor=request.user, shot=shot, steps=-1, seen=body.seen))


@router.post("/shots/{code}/comp/settings/redo", response=SettingsOut, operation_id="redo_comp_settings")
def redo_settings(request: HttpRequest, slug: str, code: str, body: StepIn) -> dict[str, Any]:
    shot = _shot(request, slug, code)
    return _told(shot, services.step_settings(actor=request.user, shot=shot, steps=1, seen=body.seen))


@router.get(
    "/shots/{code}/comp/settings/history", response=list[HistoryStepOut], operation_id="list_comp_settings_history"
)
def list_history(request: HttpRequest, slug: str, code: str) -> list[dict[str, Any]]:
    """Every state that undo and redo can reach, the newest first."""
    return selectors.settings_of(_shot(request, slug, code)).steps()


@router.post("/shots/{code}/comp/settings/go", response=SettingsOut, operation_id="go_to_comp_settings")
def go_to_settings(request: HttpRequest, slug: str, code: str, body: GoIn) -> dict[str, Any]:
    """Back (or forth) to one state of the history at once; the others stay reachable."""
    shot = _shot(request, slug, code)
    now = services.return_to_step(actor=request.user, shot=shot, position=body.position, seen=body.seen)
    return _told(shot, now)


@router.post(
    "/shots/{code}/comp/preview",
    response={200: PreviewOut, 202: PreviewOut, 422: PreviewOut},
    operation_id="preview_comp",
)
def preview(request: HttpRequest, slug: str, code: str, body: PreviewIn) -> Status:
    """One frame as a JPEG. Waits up to 2 s for it; 202 means: ask again."""
    shot = _shot(request, slug, code)
    wish = body.dict(exclude={"values", "page"}) | {"version": int(body.version[1:] or 0)}
    still = previews.still_for(request.user, shot, wish, body.values)
    answer = previews.ask(still, f"{request.user.pk}:{body.page}")
    answer |= {"frame": body.frame, "frame_number": shot.production.start_frame + body.frame}
    if answer["state"] == "ready":
        address = f"/api/v1/productions/{slug}/shots/{code}/comp/preview/{answer['digest']}.jpg"
        return Status(200, answer | {"url": address})
    return Status(202 if answer["state"] == "waiting" else 422, answer)


@router.get("/shots/{code}/comp/preview/{digest}.jpg", operation_id="get_comp_preview")
def preview_picture(request: HttpRequest, slug: str, code: str, digest: str) -> HttpResponse:
    shot = _shot(request, slug, code)
    try:
        picture = previews.picture_path(str(shot.pk), digest).read_bytes()
    except (FileNotFoundError, DomainError):
        raise Http404 from None
    return HttpResponse(picture, content_type="image/jpeg")


@router.get("/shots/{code}/versions", response=list[VersionOut], operation_id="list_versions")
def list_versions(request: HttpRequest, slug: str, code: str) -> list[Version]:
    """The shot's versions, newest first; a guest gets those that reached review."""
    rows = selectors.versions_for(request.user, _shot(request, slug, code, team=False))
    return [_told_to(request, row) for row in rows]


@router.get("/shots/{code}/versions/{name}", response=VersionOut, operation_id="get_version")
def get_version(request: HttpRequest, slug: str, code: str, name: str) -> Version:
    """`v003`."""
    return _told_to(request, _version(request, slug, code, name, team=False))


@router.post("/shots/{code}/versions", response={201: VersionOut}, operation_id="start_version")
def start_version(request: HttpRequest, slug: str, code: str, body: VersionIn) -> Status:
    """Queue a render. 422 for an empty layer, 409 where the same recipe is rendering or heads the shot already."""
    shot = _shot(request, slug, code)
    made = services.start_version(
        actor=request.user, shot=shot, comment=body.comment, mode=body.mode, submit=body.submit, values=body.values
    )
    return Status(201, made)


@router.post("/shots/{code}/versions/{name}/cancel", response=VersionOut, operation_id="cancel_version")
def cancel_version(request: HttpRequest, slug: str, code: str, name: str) -> Version:
    return services.cancel_version(actor=request.user, version=_version(request, slug, code, name))


@router.post("/shots/{code}/versions/{name}/submit", response=VersionOut, operation_id="submit_version")
def submit_version(request: HttpRequest, slug: str, code: str, name: str) -> Version:
    return services.submit_for_review(actor=request.user, version=_version(request, slug, code, name))


@router.post("/shots/{code}/versions/{name}/settings", response=SettingsOut, operation_id="copy_version_settings")
def copy_settings(request: HttpRequest, slug: str, code: str, name: str) -> dict[str, Any]:
    """Take over what the version was rendered with, as one step that can be undone."""
    version = _version(request, slug, code, name)
    return _told(version.shot, services.copy_settings(actor=request.user, version=version))


@router.get("/shots/{code}/versions/{name}/exports", response=list[ExportOut], operation_id="list_version_exports")
def list_exports(request: HttpRequest, slug: str, code: str, name: str) -> list[Any]:
    """The exports of a version's keyed foreground; a finished one's bytes are at `media/{artefact}`."""
    return list(_version(request, slug, code, name).exports.all())


@router.post(
    "/shots/{code}/versions/{name}/exports", response={202: ExportOut}, operation_id="export_version_foreground"
)
def start_export(request: HttpRequest, slug: str, code: str, name: str, body: ExportIn) -> Status:
    """Queue the export of the keyed foreground; one that is made, or being made, is answered as it is."""
    version = _version(request, slug, code, name)
    return Status(202, exports.start_export(actor=request.user, version=version, kind=body.kind))
