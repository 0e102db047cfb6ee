"""What was measured of a version while it rendered, in words and grades; what changed since the one before. Pure.

The engine measures (`compositing.qc`: whole numbers, ppm and thousandths); here stand the lines that people draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

BUCKETS = 64  # columns of a sparkline
GOOD, FAIR, POOR, PLAIN = "good", "fair", "poor", "plain"
GRADES = {
    GOOD: gettext_lazy("good"),
    FAIR: gettext_lazy("worth a look"),
    POOR: gettext_lazy("poor"),
    PLAIN: "",
}


@dataclass(frozen=True)
class Figure:
    """One figure. divisor and sign: how the whole number is said; lines: (good up to, fair up to), both of `by`.

    by: whether the usual frame ("median") or the worst one decides the grade.
    """

    name: str
    label: Any
    help: Any
    divisor: int
    decimals: int
    sign: str
    lines: tuple[int, int] | None = None
    by: str = "median"

    def said(self, value: int) -> str:
        text = f"{value / self.divisor:.{self.decimals}f}"
        return f"{text} {self.sign}".strip()

    def grade(self, entry: Mapping[str, int]) -> str:
        if self.lines is None:
            return PLAIN
        value = entry[self.by]
        return GOOD if value <= self.lines[0] else FAIR if value <= self.lines[1] else POOR


FIGURES = (
    Figure(
        "residual_milli", gettext_lazy("Screen colour left"),
        gettext_lazy(
            "How many of 255 steps the edge leans towards the screen more than the solid part beside it does. Below "
            "1.5 nobody sees it."
        ), 1000, 1, "", (1500, 4000),
    ),
    Figure(
        "flicker_ppm", gettext_lazy("Flicker"),
        gettext_lazy(
            "How much the matte changes from frame to frame where the picture stands still, in thousandths. Below 0.5 "
            "it is calm."
        ), 1000, 2, "‰", (500, 1500),
    ),
    Figure(
        "holes_ppm", gettext_lazy("Holes"),
        gettext_lazy(
            "How much of the picture is open inside the actor where no screen shows, in thousandths, in the worst "
            "frame."
        ), 1000, 2, "‰", (60, 600), "worst",
    ),
    Figure(
        "dirt_ppm", gettext_lazy("Dirt"),
        gettext_lazy(
            "How much matte is left outside, in specks that hang on nothing solid, in thousandths of the picture, in "
            "the worst frame."
        ), 1000, 2, "‰", (60, 600), "worst",
    ),
    Figure(
        "band_ppm", gettext_lazy("Edge"),
        gettext_lazy(
            "How much of the picture is neither clear nor solid: hair, blur, veils. Not good or bad by itself."
        ),
        10_000, 1, "%",
    ),
)  # fmt: skip
BY_NAME = {figure.name: figure for figure in FIGURES}
WORRIES = {
    "flicker": gettext_lazy("Flicker"),
    "residual": gettext_lazy("Screen colour left"),
    "holes": gettext_lazy("Holes"),
}
PANELS = {
    "comp": gettext_lazy("whole"),
    "comp_crop": gettext_lazy("comp, near"),
    "matte_crop": gettext_lazy("matte, near"),
}
SAME = 0.1  # a change smaller than that part of the figure is called none


def stored(told: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """(what a version's list needs, the figures of every frame) from the engine's `qc`; empty where there is none."""
    if not told:
        return {}, {}
    series = {name: [int(value) for value in values] for name, values in told["series"].items()}
    sheet = told.get("sheet")
    kept = {
        "edition": told["edition"],
        "summary": told["summary"],
        "worst": told["worst"],
        "spark": {name: columns(series[name]) for name in BY_NAME if name in series},
        "sheet": {name: sheet[name] for name in ("panel_width", "panel_height", "rows")} if sheet else None,
    }
    return kept, series


def columns(values: Sequence[int], count: int = BUCKETS) -> list[list[int]]:
    """[[frame, value], ...]: at most `count` columns, each with the highest value of its frames and where it is."""
    wide = min(count, len(values))
    out = []
    for column in range(wide):
        first, stop = column * len(values) // wide, (column + 1) * len(values) // wide
        at = max(range(first, stop), key=lambda frame: (values[frame], -frame))
        out.append([at, values[at]])
    return out


@dataclass(frozen=True)
class Row:
    """One figure of one version as a page shows it. change: "better" | "worse" | "same" | "" beside the one before."""

    figure: Figure
    median: str
    worst: str
    frame: int
    grade: str
    before: str = ""
    change: str = ""
    bars: list[dict[str, Any]] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)

    @property
    def word(self) -> str:
        return str(GRADES[self.grade])

    @property
    def shown(self) -> str:
        """The one figure that stands for the version: the usual frame's, or the worst one's where that decides."""
        return self.worst if self.figure.by == "worst" else self.median


def rows(qc: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> list[Row]:
    """The figures of a version's `qc`, and beside each how it stood in `before`'s."""
    summary, old = qc.get("summary", {}), (before or {}).get("summary", {})
    out = []
    for figure in FIGURES:
        entry = summary.get(figure.name)
        if not entry:
            continue
        was = old.get(figure.name)
        spark = qc.get("spark", {}).get(figure.name, [])
        out.append(
            Row(
                figure, figure.said(entry["median"]), figure.said(entry["worst"]), entry["frame"], figure.grade(entry),
                figure.said(was[figure.by]) if was else "", change(figure, entry, was) if was else "",
                bars(spark), [at for at, _value in spark],
            )
        )  # fmt: skip
    return out


def change(figure: Figure, now: Mapping[str, int], was: Mapping[str, int]) -> str:
    """ "better", "worse" or "same"; "" for a figure that is neither good nor bad."""
    if figure.lines is None:
        return ""
    new, old = now[figure.by], was[figure.by]
    # A tenth of the good line is noise, whatever part of a tiny figure it is.
    if abs(new - old) <= max(SAME * old, 0.1 * figure.lines[0]):
        return "same"
    return "better" if new < old else "worse"


def bars(spark: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Columns of a sparkline 20 high: {"x", "y", "height", "frame"}."""
    top = max((value for _at, value in spark), default=0) or 1
    out = []
    for x, (at, value) in enumerate(spark):
        height = round(20 * value / top, 1)
        out.append({"x": x, "y": round(20 - height, 1), "height": max(height, 0.4), "frame": at})
    return out


def overall(shown: Sequence[Row]) -> str:
    """The worst grade among the rows."""
    grades = {row.grade for row in shown}
    return next((grade for grade in (POOR, FAIR, GOOD) if grade in grades), PLAIN)


def verdict(shown: Sequence[Row]) -> str:
    """One sentence for the whole version."""
    poor = [str(row.figure.label) for row in shown if row.grade == POOR]
    fair = [str(row.figure.label) for row in shown if row.grade == FAIR]
    if poor:
        return _("Look at: %(what)s.") % {"what": ", ".join([*poor, *fair])}
    if fair:
        return _("Worth a look: %(what)s.") % {"what": ", ".join(fair)}
    return _("Nothing stands out.")


def compared(shown: Sequence[Row], name: str) -> str:
    """One sentence: how the figures stand beside version `name`."""
    better = sum(row.change == "better" for row in shown)
    worse = sum(row.change == "worse" for row in shown)
    if not better and not worse:
        return _("Figures as in %(version)s.") % {"version": name}
    parts = []
    if better:
        parts.append(ngettext("%(n)d figure better", "%(n)d figures better", better) % {"n": better})
    if worse:
        parts.append(ngettext("%(n)d worse", "%(n)d worse", worse) % {"n": worse})
    return _("%(parts)s than %(version)s.") % {"parts": ", ".join(parts), "version": name}


def strips(qc: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The frames to look at: [{"why", "word", "frame", "said", "box", "panels": [{"word", "frame"}]}].

    box: the row's part of the sheet, "x y width height".
    """
    sheet = qc.get("sheet")
    if not sheet:
        return []
    wide, high = 3 * int(sheet["panel_width"]), int(sheet["panel_height"])
    values = {(why, place["frame"]): place["value"] for why, places in qc.get("worst", {}).items() for place in places}
    names = {"flicker": "flicker_ppm", "residual": "residual_milli", "holes": "holes_ppm"}
    out = []
    for number, row in enumerate(sheet["rows"]):
        why, frame = row["why"], row["frame"]
        figure = BY_NAME[names[why]]
        out.append(
            {
                "why": why, "word": str(WORRIES[why]), "frame": frame,
                "said": figure.said(values.get((why, frame), 0)),
                "box": f"0 {number * high} {wide} {high}", "width": wide, "height": high,
                "total": high * len(sheet["rows"]),
                "panels": [{"word": str(PANELS[panel["what"]]), "frame": panel["frame"]} for panel in row["panels"]],
            }
        )  # fmt: skip
    return out
