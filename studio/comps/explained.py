"""What the engine found in a shot and what it did about it, in sentences. Pure.

Read from a version: the engine's report (`screens`), what was measured (`qc`), the recipe, and the take's screen check.
What none of them says is left out: nothing is claimed that was not measured.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compositing.parameters import BY_NAME, KEY, MATCH
from studio.comps import lit, quality
from studio.footage.reasons import called, sentence, verdict


@dataclass(frozen=True)
class Finding:
    """One line: what was found, what was done about it. grade as in `quality`; colour: a swatch, "#rrggbb" or "".

    short: the finding in two or three words, for the one sentence that says it all.
    """

    topic: str
    found: str
    done: str = ""
    grade: str = quality.PLAIN
    colour: str = ""
    short: str = ""


def explain(
    layer: Mapping[str, Any],
    recipe: Mapping[str, Any],
    report: Mapping[str, Any],
    qc: Mapping[str, Any],
    check: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """The findings on one keyed layer of a rendered version.

    layer: its part of the recipe; report: its part of the engine's `screens`; check: its take's screen check.
    """
    given = layer.get("key") or {}
    summary = qc.get("summary", {})
    if report.get("method") == "person":
        # The keyer's parameters do nothing there: none of them is said to have done anything.
        found = [
            _screen(given, report),
            _noise(report, recipe),
            _person_edge(summary),
            _calm(given, report, summary),
            _solid({"core_milli": 0}, summary),
            _face(report),
            _masks(layer),
        ]
        return [finding for finding in found if finding is not None]
    found = [
        _screen(given, report),
        _light(summary, check or {}, report),
        _noise(report, recipe),
        _edge(given, report, summary, str(recipe.get("mode", ""))),
        _spill(given, summary),
        _calm(given, report, summary),
        _solid(given, summary),
        _hints(report),
        _face(report),
        _masks(layer),
    ]
    return [finding for finding in found if finding is not None]


def foreseen(check: Mapping[str, Any], by_person: bool, network: bool) -> list[Finding]:
    """What is known of a keyed layer before anything is rendered. check: its take's screen check, {} for none.

    by_person: the person's outline makes the matte; network: the person segmenter is installed.
    """
    if by_person:
        finding = _screen({}, {"method": "person"})
        return [] if finding is None else [finding]
    if check.get("found") is False:
        done = (
            _("Choose “Matte by: the person”, or pick the screen's colour in the picture.") if network
            else _(
                "Pick the screen's colour in the picture. To cut the person out without a screen, the person segmenter "
                "must be installed where the studio runs: python -m compositing hints install"
            )
        )  # fmt: skip
        return [
            Finding(_("Screen"), _("No screen was found in the take."), done, quality.POOR, short=_("no screen found"))
        ]
    if not check.get("srgb"):
        return []
    told = verdict(check)
    reasons = check.get("reasons", [])
    share = next((one["params"]["share"] for one in reasons if one.get("code") == "screen_found"), None)
    found = (
        _("%(name)s, hue %(hue)d°.") % {"name": screen_name(check), "hue": told["hue"] or 0} if share is None
        else _("%(name)s, hue %(hue)d°, %(share)s %% of the picture.")
        % {"name": screen_name(check), "hue": told["hue"] or 0, "share": share}
    )  # fmt: skip
    grades = {"A": quality.GOOD, "B": quality.GOOD, "C": quality.FAIR, "D": quality.POOR}
    graded = {"word": str(told["word"]), "grade": told["grade"]}
    rows = [
        Finding(
            _("Screen"), found, _("The take %(word)s (%(grade)s).") % graded if told["word"] else "",
            grades.get(told["grade"], quality.PLAIN), told["colour"],
            _("screen: %(name)s") % {"name": screen_name(check)},
        ),
        _light({}, check, {}),
    ]  # fmt: skip
    said = ("screen_found", "even", "uneven")
    rows += [Finding(_("Also"), sentence(reason)) for reason in reasons if reason.get("code") not in said]
    return [row for row in rows if row is not None]


def in_short(findings: Iterable[Finding]) -> str:
    """All findings in one sentence: "screen: green, evenness 0.82, noise low, 7 % in the unknown band"."""
    return ", ".join(finding.short for finding in findings if finding.short)


def _milli(given: Mapping[str, Any], name: str, which: str = KEY) -> int | None:
    """A parameter as the recipe has it, or its default; None where the engine has none of that name."""
    parameter = BY_NAME.get((which, name))
    return None if parameter is None else int(given.get(name, parameter.default))


def _percent(milli: int) -> str:
    return f"{milli / 10:.0f}"


def screen_name(report: Mapping[str, Any]) -> str:
    """The screen's colour as people call it."""
    return called(str(report.get("name", "")), int(report.get("hue_milli", 0)) * 0.36)


def _screen(given: Mapping[str, Any], report: Mapping[str, Any]) -> Finding | None:
    if report.get("method") == "person" or not report.get("srgb"):
        if report.get("method") != "person":
            return None
        return Finding(
            _("Screen"), _("No screen: the person was found by their outline."),
            _("The outline is refined at the edge and over time. A screen keys finer: expect less of hair."),
            quality.FAIR, short=_("no screen: by the person's outline"),
        )  # fmt: skip
    colour = "#" + "".join(f"{int(part):02x}" for part in report["srgb"])
    found = _("%(name)s, hue %(hue)d°, %(share)s %% of the picture.") % {
        "name": screen_name(report), "hue": round(int(report.get("hue_milli", 0)) * 0.36),
        "share": _percent(int(report.get("share_milli", 0))),
    }  # fmt: skip
    by_hand = given.get("screen_hue_milli", -1) != -1
    done = [_("Keyed on the colour you picked.") if by_hand else _("Found by itself and keyed by colour difference.")]
    done.append(
        _("The clean plate you gave is the measure.") if report.get("clean_plate")
        else _("A clean plate is fitted to every frame.")
    )  # fmt: skip
    markers = int(report.get("markers", 0) or 0)
    if markers:
        done.append(ngettext("%(n)d marker was filled.", "%(n)d markers were filled.", markers) % {"n": markers})
    short = _("screen: %(name)s") % {"name": screen_name(report)}
    return Finding(_("Screen"), found, " ".join(done), colour=colour, short=short)


def _light(summary: Mapping[str, Any], check: Mapping[str, Any], report: Mapping[str, Any]) -> Finding | None:
    entry = summary.get("evenness_milli")
    even = entry["median"] if entry else report.get("evenness_milli", check.get("evenness_milli"))
    if even is None:
        return None
    even = int(even)
    grade = quality.GOOD if even >= 850 else quality.FAIR if even >= 650 else quality.POOR
    done = {
        quality.GOOD: _("Lit evenly: nothing to make up for."),
        quality.FAIR: _("The fitted plate follows the light, so that one gain fits everywhere."),
        quality.POOR: _(
            "The fitted plate follows most of it; look at the corners, and light the next take more evenly."
        ),
    }[grade]
    figure = f"{even / 1000:.2f}"
    short = _("evenness %(figure)s") % {"figure": figure}
    return Finding(_("Light"), _("Evenness %(figure)s.") % {"figure": figure}, done, grade, short=short)


def _noise(report: Mapping[str, Any], recipe: Mapping[str, Any]) -> Finding | None:
    if "noise_milli" not in report:
        return None
    noise = int(report["noise_milli"])
    word, grade = (
        (_("Noise is low."), quality.GOOD) if noise <= 12
        else (_("Some noise."), quality.FAIR) if noise <= 30 else (_("Strong noise."), quality.POOR)
    )  # fmt: skip
    grain = _milli(recipe.get("match") or {}, "grain_milli", MATCH) or 0
    done = (
        _("A still background is given the same grain, at %(share)s %%.") % {"share": _percent(grain)}
        if grain else _("The background is left without grain.")
    )  # fmt: skip
    short = {quality.GOOD: _("noise low"), quality.FAIR: _("some noise"), quality.POOR: _("strong noise")}[grade]
    return Finding(_("Noise"), word, done, grade, short=short)


def _edge(given: Mapping[str, Any], report: Mapping[str, Any], summary: Mapping[str, Any], mode: str) -> Finding | None:
    entry = summary.get("band_ppm")
    if not entry:
        return None
    found = _("%(share)s %% of the picture is in the unknown band: hair, blur, veils.") % {
        "share": f"{entry['median'] / 10_000:.1f}"
    }
    refine = _milli(given, "refine_milli") or 0
    done = []
    if refine:
        done.append(_("Solved again from the colours beside it, at %(share)s %%.") % {"share": _percent(refine)})
    else:
        done.append(_("Edge refinement is off."))
    if report.get("refiner"):
        done.append(_("The learned refiner is on."))
    if mode == "fast":
        done.append(_("Rendered by the quick key: “Best” takes more care here."))
    short = _("%(share)s %% in the unknown band") % {"share": f"{entry['median'] / 10_000:.1f}"}
    return Finding(_("Edge"), found, " ".join(done), short=short)


def _person_edge(summary: Mapping[str, Any]) -> Finding | None:
    entry = summary.get("band_ppm")
    if not entry:
        return None
    share = {"share": f"{entry['median'] / 10_000:.1f}"}
    return Finding(
        _("Edge"), _("%(share)s %% of the picture is in the unknown band: hair, blur, veils.") % share,
        _("Drawn from the picture's own colours: look at hair and hands before you trust it."), quality.FAIR,
        short=_("%(share)s %% in the unknown band") % share,
    )  # fmt: skip


def _spill(given: Mapping[str, Any], summary: Mapping[str, Any]) -> Finding | None:
    entry, left = summary.get("spill_milli"), summary.get("residual_milli")
    if not entry:
        return None
    taken = entry["median"]
    word = (
        _("Hardly any screen light on the actor's rim.") if taken < 40
        else _("Some screen light on the actor's rim.") if taken < 120 else _("Strong screen light on the actor's rim.")
    )  # fmt: skip
    despill = _milli(given, "despill_milli") or 0
    done = [
        _("Despill at %(share)s %% took off %(taken)s %% of the screen's colour there.")
        % {"share": _percent(despill), "taken": _percent(taken)}
        if despill else _("Despill is off.")
    ]  # fmt: skip
    grade = quality.PLAIN
    if left:
        figure = quality.BY_NAME["residual_milli"]
        grade = figure.grade(left)
        done.append(_("%(left)s of 255 steps are left at the edge.") % {"left": figure.said(left["median"])})
    short = _("spill low") if taken < 40 else _("some spill") if taken < 120 else _("spill strong")
    return Finding(_("Spill"), word, " ".join(done), grade, short=short)


def _calm(given: Mapping[str, Any], report: Mapping[str, Any], summary: Mapping[str, Any]) -> Finding | None:
    entry = summary.get("flicker_ppm")
    if not entry:
        return None
    figure = quality.BY_NAME["flicker_ppm"]
    found = _("The matte changes by %(figure)s where the picture stands still.") % {
        "figure": figure.said(entry["median"])
    }
    steady = _milli(given, "temporal_milli")
    done = ""
    if report.get("method") == "person":
        done = _("Held steady by the frames beside it.")
    elif steady is not None:
        done = (
            _("Held steady by the frames beside it, at %(share)s %%.") % {"share": _percent(steady)}
            if steady else _("Each frame is keyed by itself.")
        )  # fmt: skip
    elif "temporal" in report:
        done = _("Held steady by the frames beside it.") if report["temporal"] else _("Each frame is keyed by itself.")
    return Finding(_("Over time"), found, done, figure.grade(entry))


def _solid(given: Mapping[str, Any], summary: Mapping[str, Any]) -> Finding | None:
    holes, dirt = summary.get("holes_ppm"), summary.get("dirt_ppm")
    if not holes or not dirt:
        return None
    figures = [quality.BY_NAME[name] for name in ("holes_ppm", "dirt_ppm")]
    grades = [figures[0].grade(holes), figures[1].grade(dirt)]
    grade = next(one for one in (quality.POOR, quality.FAIR, quality.GOOD) if one in grades)
    if grade == quality.GOOD:
        found = _("Solid inside, clean outside.")
    else:
        parts = []
        if grades[0] != quality.GOOD:
            parts.append(_("openings inside (%(figure)s)") % {"figure": figures[0].said(holes["worst"])})
        if grades[1] != quality.GOOD:
            parts.append(_("specks outside (%(figure)s)") % {"figure": figures[1].said(dirt["worst"])})
        found = _("In the worst frame: %(what)s.") % {"what": ", ".join(parts)}
    core = _milli(given, "core_milli") or 0
    done = _("What lies far from any edge is closed, at %(share)s %%.") % {"share": _percent(core)} if core else ""
    return Finding(_("Inside and outside"), found, done, grade)


def _hints(report: Mapping[str, Any]) -> Finding | None:
    if not report.get("hint"):
        return None
    return Finding(
        _("Person"), _("The person's outline was found."),
        _("It cleans what is far outside and closes what is deep inside; the edge is left to the key."),
    )  # fmt: skip


def _face(report: Mapping[str, Any]) -> Finding | None:
    if "light" not in report:
        return None
    found, done, grade = lit.said(report["light"])
    return Finding(_("Light on the face"), found, done, grade)


def _masks(layer: Mapping[str, Any]) -> Finding | None:
    masks = [mask for mask in layer.get("masks") or () if not mask.get("off")]
    if not masks:
        return None
    found = ngettext("%(n)d polygon is drawn.", "%(n)d polygons are drawn.", len(masks)) % {"n": len(masks)}
    return Finding(_("Masks"), found, _("Garbage is cleared and holdouts are kept, whatever the key says."))
