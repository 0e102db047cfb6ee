"""`/api/v1/productions/{slug}/...`: a version's figures, what was found, presets and copies, as on the comp page."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Schema, Status

from studio.comps import copying, desk, differences, portable, presets, quality, selectors
from studio.comps.api import SettingsOut, StepIn, _shot, _told, _version
from studio.comps.models import Preset
from studio.core.api import Router
from studio.productions import policy
from studio.productions.models import Production
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["comps"])


class FiguresOut(Schema):
    """summary: figure -> median, worst, frame. worst: why -> the frames to look at, {frame, value, x_milli, y_milli}.
    series: figure -> one whole number a frame, from 0 (`*_ppm`: parts per million, `*_milli`: thousandths; -- see
    compositing/qc.py for what each means). grades: figure -> good, fair or poor. sheet: sha256 of the picture of the
    frames to look at, its rows in `rows`. before, changes: the version it stands beside, and figure -> better, worse or
    same. All empty for a version that was not measured."""

    version: str
    verdict: str
    summary: dict[str, dict[str, int]]
    grades: dict[str, str]
    worst: dict[str, list[dict[str, int]]]
    series: dict[str, list[int]]
    sheet: str | None
    rows: list[dict[str, Any]]
    before: str
    changes: dict[str, str]


class FindingOut(Schema):
    layer: str
    topic: str
    found: str
    done: str
    grade: str


class PresetOut(Schema):
    """location: its name, "" for the whole production. values: by a layer's part ("actor", "actor.2", "match").
    revision: names the change that an undo takes back."""

    id: UUID
    name: str
    location: str
    groups: list[str]
    values: dict[str, Any]
    revision: int
    updated_at: datetime

    @staticmethod
    def resolve_location(row: Preset) -> str:
        return row.location.name if row.location else ""


class PresetIn(Schema):
    """everywhere: for the whole production, not the shot's location. groups: of parameters; absent for those that
    travel between shots."""

    name: str = Field(max_length=200)
    everywhere: bool = False
    groups: list[str] | None = None


class NameIn(Schema):
    name: str = Field(max_length=200)


class FromIn(Schema):
    """shot: the code of the shot whose settings are taken."""

    shot: str


class BackIn(Schema):
    revision: int | None = None


class DifferenceOut(Schema):
    layer: str
    label: str
    before: str
    after: str


class PresetLookOut(Schema):
    """What applying would change. fits: whether the take stands before a screen like the preset's."""

    preset: PresetOut
    fits: bool
    changes: list[DifferenceOut]


class ScreenOut(Schema):
    name: str
    hue_milli: int | None
    evenness_milli: int | None
    grade: str
    colour: str


class TargetOut(Schema):
    """changes: [layer id or "match", parameter] pairs that copying would change. fits: false before another screen,
    whose colour then stays."""

    shot: str
    screen: ScreenOut
    fits: bool
    same_scene: bool
    changes: list[list[str]]
    warning: str

    @staticmethod
    def resolve_shot(row: copying.Target) -> str:
        return str(row.shot.code)


class CopyIn(Schema):
    """targets: codes of shots of the same scene or location. groups: absent for those that travel."""

    targets: list[str] = Field(max_length=copying.MOST)
    groups: list[str] | None = None


class CopiedOut(Schema):
    """state: changed, same or refused (sentence says why). seen: send it to that shot's settings/undo to undo."""

    shot: str
    state: str
    changes: list[list[str]]
    kept_screen: bool
    sentence: str
    seen: str

    @staticmethod
    def resolve_shot(row: copying.Outcome) -> str:
        return str(row.shot.code)


@router.get("/shots/{code}/versions/{name}/figures", response=FiguresOut, operation_id="get_version_figures")
def get_figures(request: HttpRequest, slug: str, code: str, name: str, before: str = "") -> dict[str, Any]:
    """What was measured while the version rendered. before: a version to hold it against; absent: the one before."""
    version = _version(request, slug, code, name)
    other = _version(request, slug, code, before) if before else desk.measured_before(request.user, version)
    rows = quality.rows(version.qc, other.qc if other else None)
    return {
        "version": version.name, "verdict": quality.verdict(rows) if rows else "",
        "summary": version.qc.get("summary", {}), "worst": version.qc.get("worst", {}),
        "grades": {row.figure.name: row.grade for row in rows if row.figure.lines},
        "series": version.qc_frames, "sheet": version.worst_id, "rows": (version.qc.get("sheet") or {}).get("rows", []),
        "before": other.name if other else "", "changes": {row.figure.name: row.change for row in rows if row.change},
    }  # fmt: skip


@router.get("/shots/{code}/comp/explained", response=list[FindingOut], operation_id="explain_comp")
def get_explained(request: HttpRequest, slug: str, code: str) -> list[dict[str, Any]]:
    """What the engine found in the shot's newest version and did about it, in sentences of the asker's language."""
    told = desk.explained(request.user, _shot(request, slug, code))
    return [
        {"layer": part["name"], "topic": one.topic, "found": one.found, "done": one.done, "grade": one.grade}
        for part in told["parts"]
        for one in part["findings"]
    ]


def _team(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def _preset(request: HttpRequest, slug: str, preset: UUID) -> Preset:
    return presets.preset_for(request.user, _team(request, slug), preset)


@router.get("/comp/presets", response=list[PresetOut], operation_id="list_comp_presets")
def list_presets(request: HttpRequest, slug: str) -> list[Preset]:
    """The production's presets, those of a location first."""
    return list(presets.presets_for(request.user, _team(request, slug)))


@router.post("/shots/{code}/comp/presets", response={201: PresetOut}, operation_id="save_comp_preset")
def save_preset(request: HttpRequest, slug: str, code: str, body: PresetIn) -> Status:
    """Keep the shot's settings as they stand. 409 for a name that is taken there."""
    shot = _shot(request, slug, code)
    made = presets.save(
        actor=request.user, shot=shot, name=body.name, everywhere=body.everywhere or shot.scene.location is None,
        groups=body.groups,
    )  # fmt: skip
    return Status(201, made)


@router.get("/shots/{code}/comp/presets/{preset}", response=PresetLookOut, operation_id="look_at_comp_preset")
def look_at_preset(request: HttpRequest, slug: str, code: str, preset: UUID) -> dict[str, Any]:
    """What the preset would change in this shot."""
    shot, one = _shot(request, slug, code), _preset(request, slug, preset)
    now, after = presets.outcome(one, shot)
    changes = differences.differences(now, after, selectors.facts_of(shot))
    return {"preset": one, "fits": presets.fits(one, shot), "changes": changes}


@router.post("/shots/{code}/comp/presets/{preset}/apply", response=SettingsOut, operation_id="apply_comp_preset")
def apply_preset(request: HttpRequest, slug: str, code: str, preset: UUID, body: StepIn) -> dict[str, Any]:
    """One step that can be undone. 409 if `seen` is given and somebody else changed the settings since."""
    shot, one = _shot(request, slug, code), _preset(request, slug, preset)
    return _told(shot, presets.apply(actor=request.user, preset=one, shot=shot, seen=body.seen))


@router.patch("/comp/presets/{preset}", response=PresetOut, operation_id="rename_comp_preset")
def rename_preset(request: HttpRequest, slug: str, preset: UUID, body: NameIn) -> Preset:
    return presets.rename(actor=request.user, preset=_preset(request, slug, preset), name=body.name)


@router.post("/comp/presets/{preset}/over", response=PresetOut, operation_id="save_over_comp_preset")
def save_over_preset(request: HttpRequest, slug: str, preset: UUID, body: FromIn) -> Preset:
    """The preset takes a shot's settings as they stand."""
    one = _preset(request, slug, preset)
    return presets.save_over(actor=request.user, preset=one, shot=_shot(request, slug, body.shot))


@router.post("/comp/presets/{preset}/undo", response=PresetOut, operation_id="undo_comp_preset")
def undo_preset(request: HttpRequest, slug: str, preset: UUID, body: BackIn) -> Preset:
    """Take back the last renaming or saving over; 409 if `revision` is given and somebody changed it since."""
    return presets.take_back(actor=request.user, preset=_preset(request, slug, preset), revision=body.revision)


@router.delete("/comp/presets/{preset}", response={204: None}, operation_id="delete_comp_preset")
def delete_preset(request: HttpRequest, slug: str, preset: UUID) -> Status:
    """Out of the lists; `restore` brings it back."""
    presets.delete(actor=request.user, preset=_preset(request, slug, preset))
    return Status(204, None)


@router.post("/comp/presets/{preset}/restore", response=PresetOut, operation_id="restore_comp_preset")
def restore_preset(request: HttpRequest, slug: str, preset: UUID) -> Preset:
    production = _team(request, slug)
    return presets.restore(actor=request.user, preset=presets.gone_for(request.user, production, preset))


@router.get("/shots/{code}/comp/copies", response=list[TargetOut], operation_id="list_comp_copy_targets")
def list_targets(request: HttpRequest, slug: str, code: str) -> list[copying.Target]:
    """The other shots of the set-up, with what copying the usual groups would change there."""
    return copying.targets(request.user, _shot(request, slug, code))


@router.post("/shots/{code}/comp/copies", response=list[CopiedOut], operation_id="copy_comp_settings_to_shots")
def copy_settings_to(request: HttpRequest, slug: str, code: str, body: CopyIn) -> list[copying.Outcome]:
    """Copy the shot's settings, each target a step of its own. 422 for a shot of another set-up: nothing is changed."""
    return copying.copy_to(actor=request.user, shot=_shot(request, slug, code), codes=body.targets, groups=body.groups)


@router.get("/comp/groups", response=list[str], operation_id="list_comp_groups")
def list_groups(request: HttpRequest, slug: str) -> list[str]:
    """The groups of parameters that presets and copies may name, those that travel by themselves first."""
    get_production(request.user, slug)
    return portable.groups()
