"""What the desk's panels show: a version's figures beside the one before, and what the engine found."""

from typing import Any

from django.utils.translation import gettext as _

from studio.comps import lit, quality, recipes, selectors
from studio.comps.explained import Finding, explain, foreseen, in_short
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
        "grade": grade(version, rows),
        "verdict": verdict(version, rows),
        "compared": quality.compared(rows, before.name) if before and before.qc else "",
    }


def by_person(version: Version) -> bool:
    """Whether the person's outline made a matte of it: no figure judges hair there, as nothing says where it ends."""
    return any(screen.get("method") == "person" for screen in version.report.get("screens", {}).values())


def grade(version: Version, rows: list[quality.Row]) -> str:
    """The worst grade among the figures; never good for a matte made without a screen."""
    worst = quality.overall(rows)
    return quality.FAIR if by_person(version) and worst in (quality.GOOD, quality.PLAIN) else worst


def verdict(version: Version, rows: list[quality.Row]) -> str:
    """One sentence for the whole version."""
    said = quality.verdict(rows)
    if not by_person(version):
        return said
    honest = _("Cut out without a screen: the figures do not judge hair, look at the edge.")
    return honest if quality.overall(rows) in (quality.GOOD, quality.PLAIN) else f"{said} {honest}"


def explained(user: Any, shot: Shot) -> dict[str, Any]:
    """The newest rendered version's findings, layer by layer: [{"name", "findings", "short"}]; before the first
    one, what the takes' own checks say."""
    version = next((one for one in selectors.versions_for(user, shot) if one.report.get("screens")), None)
    return {
        "shot": shot,
        "production": shot.production,
        "episode": shot.scene.episode,
        "version": version,
        "parts": expected(shot) if version is None else parts(version),
    }


def expected(shot: Shot) -> list[dict[str, Any]]:
    """`parts` of a shot of which nothing is rendered yet."""
    facts = selectors.facts_of(shot)
    values = selectors.settings_of(shot).values
    layers = [layer for layer in recipes.shown(facts, values) if layer.keyed and layer.filling]
    elements = [layer.filling.element for layer in layers if layer.filling]
    checks = {str(take.element_id): take.screen for take in Take.objects.filter(element_id__in=elements)}
    told = []
    for layer in reversed(layers):
        method = recipes.method_of(layer, values.get(layer.id, {}), facts.network)
        check = checks.get(str(layer.filling.element) if layer.filling else "") or {}
        if findings := foreseen(check, method == "person", facts.network is not None):
            name = layer_name(layer.name, layer.kind)
            told.append({"name": name, "findings": findings, "short": in_short(findings)})
    return told


def parts(version: Version) -> list[dict[str, Any]]:
    """[{"name", "findings", "short"}] of each keyed layer of a rendered version, the foremost first."""
    screens = version.report.get("screens", {})
    rows = {str(row.layer_id): row for row in version.version_layers.all()}
    elements = [row.element_id for row in rows.values()]
    checks = {take.element_id: take.screen for take in Take.objects.filter(element_id__in=elements)}
    grounds = [layer for layer in version.recipe.get("layers", []) if layer["kind"] == "background"]
    media, flipped = {}, False
    if grounds and (behind := rows.get(grounds[-1]["id"])) is not None and behind.element is not None:
        media, flipped = behind.element.media, bool((grounds[-1].get("place") or {}).get("flip"))
    told = []
    for layer in reversed(version.recipe.get("layers", [])):
        row = rows.get(layer["id"])
        if row is None or layer["id"] not in screens:
            continue
        report = screens[layer["id"]]
        if "light" in report:
            report = {**report, "light": lit.with_known(report["light"], media, flipped)}
        findings: list[Finding] = explain(layer, version.recipe, report, version.qc, checks.get(row.element_id))
        told.append({"name": layer_name(row.name, row.kind), "findings": findings, "short": in_short(findings)})
    return told
