"""How well will this take key? Measured on the key itself, and said in words."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compositing.colour import Picture, encode_srgb, luminance
from compositing.despill import spill_amount
from compositing.errors import Refused
from compositing.io.video import frame_total, open_frames, video_info
from compositing.keying.chroma import linear_from_planes
from compositing.keying.cloth import bare_screen, shrink
from compositing.keying.keyer import Keyer
from compositing.parameters import gettext_noop as _

Report = Callable[[int, int, str], None]
SAMPLES = 10

# What each finding says; {params} are filled by the page in the reader's language.
REASONS = {
    "no_screen": _("No screen was found: no saturated colour fills enough of the picture."),
    "screen_found": _("The screen is %(name)s and fills %(share)d %% of the picture."),
    "even": _("The screen is lit evenly: it varies by %(spread)d %%."),
    "uneven": _("The screen is lit unevenly: it varies by %(spread)d %%; the fitted plate evens most of it out."),
    "spill_low": _("Hardly any screen light falls on the actor."),
    "spill_high": _("Screen light falls on the actor (%(spill)d thousandths): expect to tune the despill."),
    "clipped": _("%(clipped)d %% of the screen is clipped or black: edges there will be hard."),
    "noisy": _("The screen is noisy (%(noise)d thousandths): fine hair will be lost in it."),
    "weak_colour": _("The screen's colour is weak: light it more or expose it lower."),
    "soft": _("Edges are soft, by focus or motion: the matte will be wide there."),
    "small_screen": _("Little of the screen is seen: its fit behind the actor is a guess."),
    "touches_edge": _("The actor leaves the frame at the side: no comp can show what was not shot."),
}


def check(samples: Sequence[Picture]) -> dict[str, Any]:
    """Judge some frames of a take, (H, W, 3) linear, one size. Everything in thousandths; `grade` A (best) to D.

    A take without a screen is no error here: found is False, grade D, and the reason says so.
    """
    try:
        keyer = Keyer(samples)
    except Refused as refusal:
        if refusal.code != "no_screen":
            raise
        return {"found": False, "grade": "D", "score_milli": 0, "reasons": [{"code": "no_screen", "params": {}}]}
    screen = keyer.screen
    spreads, spills, clips, slopes, sides = [], [], [], [], []
    for sample in samples:
        low = shrink(sample, keyer.low)
        bare = bare_screen(low, keyer.plate.picture, screen, 0.7, 1.5)
        if bare.any():
            light = luminance(low)[bare]
            spreads.append(float(np.percentile(light, 90) - np.percentile(light, 10)) / float(np.median(light)) / 2)
            coded = encode_srgb(low[bare])
            strongest = int(np.argmax(screen.linear))
            clips.append(float(((coded[:, strongest] > 0.985) | (coded.max(-1) < 0.06)).mean()))
        keyed = keyer.key(sample)
        solid = keyed.alpha > 0.98
        if solid.any():
            spills.append(float(np.percentile(spill_amount(sample, screen.along, screen.across)[solid], 92)))
            slope = np.hypot(*np.gradient(keyed.alpha))
            edge = (keyed.alpha > 0.1) & (keyed.alpha < 0.9)
            if edge.any():  # the sharpest tenth: hair and blur are soft in every take, a collar only out of focus
                slopes.append(float(np.percentile(slope[edge], 90)))
            elif not solid.all():
                slopes.append(1.0)  # drawn, not filmed: from clear to solid within a pixel
        sides.append(float(max((keyed.alpha[:, 0] > 0.5).mean(), (keyed.alpha[:, -1] > 0.5).mean())))
    spread, spill, clipped = (float(np.median(v)) if v else 0.0 for v in (spreads, spills, clips))
    sharp = float(np.median(slopes)) if slopes else 0.0
    strength = float(screen.linear @ screen.along) / float(screen.linear.sum())
    marks = {
        "evenness": 1 - min(1, spread / 0.6), "spill": 1 - min(1, spill / 0.5), "clipping": 1 - 0.5 * clipped,
        "focus": min(1.0, sharp / 0.25), "noise": 1 - min(1, keyer.plate.noise / 0.08),
        "colour": min(1, strength / 0.4),
    }  # fmt: skip
    weights = {"evenness": 2, "spill": 2, "clipping": 1.5, "focus": 1.5, "noise": 2, "colour": 3}
    score = sum(weights[name] * mark for name, mark in marks.items()) / sum(weights.values())
    # One thing that is badly wrong is not made good by the others.
    score = min(score, 0.35 + 0.65 * min(marks.values()) ** 0.5)
    reasons: list[dict[str, Any]] = [
        {"code": "screen_found", "params": {"name": screen.name, "share": round(screen.share * 100)}},
        {"code": "even" if spread < 0.15 else "uneven", "params": {"spread": round(spread * 100)}},
        {"code": "spill_low" if spill < 0.08 else "spill_high", "params": {"spill": round(spill * 1000)}},
    ]
    found = {
        "clipped": (clipped > 0.05, {"clipped": round(clipped * 100)}),
        "noisy": (keyer.plate.noise > 0.025, {"noise": round(keyer.plate.noise * 1000)}),
        "weak_colour": (strength < 0.22, {}), "soft": (marks["focus"] < 0.35, {}),
        "small_screen": (screen.share < 0.15, {}), "touches_edge": (float(np.median(sides)) > 0.75, {}),
    }  # fmt: skip
    reasons += [{"code": code, "params": params} for code, (is_so, params) in found.items() if is_so]
    return {
        "found": True,
        "grade": "A" if score >= 0.8 else "B" if score >= 0.65 else "C" if score >= 0.45 else "D",
        "score_milli": round(score * 1000),
        "name": screen.name, "srgb": list(screen.srgb8),
        "linear_milli": [round(float(v) * 1000) for v in screen.linear],
        "hue_milli": screen.hue_milli, "hue_degrees": round(screen.hue_milli * 0.36),
        "share_milli": round(screen.share * 1000),
        **{f"{name}_milli": round(mark * 1000) for name, mark in marks.items()},
        "reasons": [{**reason, "message": REASONS[reason["code"]] % reason["params"]} for reason in reasons],
    }  # fmt: skip


def screen_check_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `screen_check`: args path, centre_milli (crop to 9:16 about it, or None for the whole picture)."""
    path = Path(args["path"])
    centre = args.get("centre_milli")
    info = video_info(path)
    width, height = info.display_width, info.display_height
    if centre is not None and width > height:
        width = max(16, round(height * 9 / 16 / 2) * 2)
    scale = min(1.0, 720 / min(width, height))
    width, height = max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)
    total = frame_total(path)
    places = sorted(set(np.linspace(0, total - 1, min(SAMPLES, total)).round().astype(int).tolist()))
    samples = []
    for done, place in enumerate(places):
        frames = open_frames(
            path, centre_milli=centre, width=width, height=height, planes=True, start=place, stop=place + 1
        )
        samples.append(linear_from_planes(next(frames)))
        report(done + 1, len(places) + 1, "frames")
    result = check(samples)
    report(len(places) + 1, len(places) + 1, "judged")
    return result
