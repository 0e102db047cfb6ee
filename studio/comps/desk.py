"""What the desk's panels show: a version's figures beside the one before, and what the engine found."""

from typing import Any

from studio.comps import quality, selectors
from studio.comps.explained import Finding, explain, in_short
from studio.comps.models import Version
from studio.footage.models import Take
from studio.productions.models import Shot, layer_name


def measured_before(user: Any, version: Version) -> Version | None:
    """The newest version below `version` that was measured."""
    older = selectors.versions_for(user, version.shot).filter(number__lt=version.number)
    return next((one for one in older if one.qc), None)


def short(version: Version, before: Version | None) -> dict[str, Any]:
    """A version's figures in one line. before: a version to hold it against, as far as that was measured."""
    rows = quality.rows(version.qc, before.qc if before else None)
    return {
        "version": version,
        "before": before if before and before.qc else None,
        "rows": rows,
        "grade": quality.overall(rows),
        "verdict": quality.verdict(rows),
        "compared": quality.compared(rows, before.name) if before and before.qc else "",
    }


def explained(user: Any, shot: Shot) -> dict[str, Any]:
    """The newest rendered version's findings, layer by layer: [{"name", "findings"}]; empty before the first."""
    version = next((one for one in selectors.versions_for(user, shot) if one.report.get("screens")), None)
    return {
        "shot": shot,
        "production": shot.production,
        "episode": shot.scene.episode,
        "version": version,
        "parts": [] if version is None else parts(version),
    }


def parts(version: Version) -> list[dict[str, Any]]:
    """[{"name", "findings", "short"}] of each keyed layer of a rendered version, the foremost first."""
    screens = version.report.get("screens", {})
    rows = {str(row.layer_id): row for row in version.version_layers.all()}
    elements = [row.element_id for row in rows.values()]
    checks = {take.element_id: take.screen for take in Take.objects.filter(element_id__in=elements)}
    told = []
    for layer in reversed(version.recipe.get("layers", [])):
        row = rows.get(layer["id"])
        if row is None or layer["id"] not in screens:
            continue
        findings: list[Finding] = explain(
            layer, version.recipe, screens[layer["id"]], version.qc, checks.get(row.element_id)
        )
        told.append({"name": layer_name(row.name, row.kind), "findings": findings, "short": in_short(findings)})
    return told
