"""What was found in a take, in words: codec, depth, colour, rate, fields, held frames, and what is done about each."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

CODECS = {
    "h264": "H.264", "hevc": "HEVC", "prores": "ProRes", "dnxhd": "DNxHR", "vp9": "VP9", "av1": "AV1",
    "libdav1d": "AV1", "mpeg2video": "MPEG-2", "mjpeg": "MJPEG", "ffv1": "FFV1", "png": "PNG", "tiff": "TIFF",
    "exr": "EXR", "dvvideo": "DV", "jpeg2000": "JPEG 2000", "vp8": "VP8", "mpeg4": "MPEG-4",
}  # fmt: skip
CONTAINERS = (
    ("mov", "MOV/MP4"), ("matroska", "MKV"), ("mxf", "MXF"), ("avi", "AVI"), ("mpegts", "MPEG-TS"), ("zip", "ZIP")
)  # fmt: skip
LAYOUTS = (("420", "4:2:0"), ("422", "4:2:2"), ("444", "4:4:4"), ("411", "4:1:1"), ("nv12", "4:2:0"), ("p010", "4:2:0"))
MATRICES = {"bt709": "BT.709", "bt601": "BT.601", "bt2020": "BT.2020", "smpte240m": "SMPTE 240M", "rgb": "RGB"}
PRIMARIES = {
    "bt709": "BT.709", "bt2020": "BT.2020", "smpte170m": "BT.601", "bt470bg": "BT.601", "smpte432": "P3",
    "smpte431": "DCI-P3",
}  # fmt: skip
TRANSFERS = {"smpte2084": "PQ", "arib_std_b67": "HLG", "iec61966_2_1": "sRGB"}
SDR = ("bt709", "smpte170m", "bt2020_10", "bt2020_12")
NAMED = 12  # frames or spans told one by one; the rest is counted


def picture(probe: Mapping[str, Any]) -> str:
    """`H.264 · 8 bit · 4:2:0 · MOV/MP4`."""
    name, fmt = str(probe.get("codec", "")), str(probe.get("pix_fmt", ""))
    parts = [CODECS.get(name, name)]
    if probe.get("depth"):
        floats = name == "exr" or int(probe["depth"]) == 32
        parts.append(_("floating point") if floats else _("%(n)d bit") % {"n": int(probe["depth"])})
    parts += [said for mark, said in LAYOUTS if mark in fmt][:1]
    if probe.get("has_alpha"):
        parts.append(_("with alpha"))
    parts += [said for mark, said in CONTAINERS if str(probe.get("container", "")).startswith(mark)]
    return " · ".join(part for part in parts if part)


def colour(probe: Mapping[str, Any]) -> str:
    """`BT.2020 · HLG · BT.2020 matrix · limited range`; what the file does not say is left out."""
    told = probe.get("colour") or {}
    sequence = probe.get("sequence")
    if sequence:
        return _("linear light") if sequence.get("linear") else "sRGB"
    matrix = MATRICES.get(str(told.get("matrix")), str(told.get("matrix", "")))
    transfer = str(told.get("transfer", ""))
    parts = [
        PRIMARIES.get(str(told.get("primaries")), ""),
        TRANSFERS.get(transfer, _("SDR") if transfer in SDR else ""),
        _("%(name)s matrix") % {"name": matrix} if matrix and matrix != "RGB" else matrix,
        _("full range") if told.get("full_range") else _("limited range"),
    ]
    return " · ".join(part for part in parts if part)


def numbers(places: Iterable[int], start: int) -> str:
    """`1014, 1016–1018` of frames counted from 0; beyond NAMED spans the rest is only counted."""
    spans: list[list[int]] = []
    for place in sorted(places):
        if spans and place == spans[-1][1] + 1:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    told = [str(start + a) if a == b else f"{start + a}–{start + b}" for a, b in spans[:NAMED]]
    left = sum(b - a + 1 for a, b in spans[NAMED:])
    if left:
        told.append(ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left})
    return ", ".join(told)


def pace(probe: Mapping[str, Any], fps: Fraction) -> str:
    """How the take's own rate becomes the production's; empty where each frame is shown once."""
    own = Fraction(int(probe.get("fps_num") or 24), int(probe.get("fps_den") or 1))
    said: dict[str, Any] = {"own": rate(own), "rate": rate(fps)}
    if probe.get("vfr"):
        return _("The rate varies, about %(own)s: conformed to %(rate)s by the time stamps.") % said
    ratio = own / fps
    if abs(ratio - 1) < Fraction(15, 10_000):
        if own == fps:
            return ""
        return _("%(own)s is shown at %(rate)s frame for frame, as film is: a thousandth faster or slower.") % said
    ratio = ratio.limit_denominator(60)
    if ratio > 1:
        said |= {"kept": ratio.denominator, "of": ratio.numerator}
        return _("%(own)s becomes %(rate)s: %(kept)d of every %(of)d frames are shown.") % said
    said |= {"kept": ratio.numerator, "of": ratio.denominator}
    return _("%(own)s becomes %(rate)s: frames are repeated, %(kept)d fill %(of)d.") % said


def rate(fps: Fraction) -> str:
    """24, 23.976, 59.94."""
    return str(fps.numerator) if fps.denominator == 1 else f"{float(fps):.3f}".rstrip("0").rstrip(".")


def notes(probe: Mapping[str, Any], fps: Fraction) -> list[str]:
    """What was done to bring the take into the studio's picture, a sentence each."""
    told = probe.get("colour") or {}
    sequence = probe.get("sequence") or {}
    said = []
    if told.get("hdr"):
        name = TRANSFERS.get(str(told.get("transfer")), "HDR")
        said.append(
            _("%(name)s is tone-mapped to BT.709 for an SDR screen: white is 203 nits, 1000 nits and more are clipped.")
            % {"name": name}
        )
    elif told.get("wide"):
        said.append(_("Its wide colours are brought into BT.709; what lies outside is clipped."))
    if told and not told.get("tagged") and not sequence:
        matrix = MATRICES.get(str(told.get("matrix")), "")
        said.append(_("The file does not say its colour: it is read as %(matrix)s.") % {"matrix": matrix})
    if probe.get("interlaced"):
        said.append(_("Interlaced: each frame is made whole from its first field (bwdif)."))
    said += [sentence] if (sentence := pace(probe, fps)) and not sequence else []
    if sequence:
        span = {"first": sequence["first"], "last": sequence["last"], "rate": rate(fps)}
        said.append(_("Pictures %(first)d to %(last)d, played at %(rate)s.") % span)
        own = sequence.get("own_rate")
        if own and Fraction(*own) != fps:
            said.append(_("Its pictures say %(own)s frames a second.") % {"own": rate(Fraction(*own))})
        if sequence.get("missing"):
            said.append(_("Missing pictures: %(numbers)s.") % {"numbers": numbers(sequence["missing"], 0)})
    if probe.get("has_alpha"):
        said.append(_("It brings an alpha of its own, so it is not keyed."))
    return said


def damage(probe: Mapping[str, Any], fps: Fraction, start: int) -> list[str]:
    """The frames that are held, and those that may show the damage, by the production's numbers."""
    count, promised = int(probe.get("corrupt_count") or 0), int(probe.get("promised") or 0)
    short = [
        _(
            "The file promises %(promised)d frames and breaks off after %(count)d: "
            "it was not copied or exported to its end. Send it again."
        )
        % {"promised": promised, "count": int(probe.get("frame_count") or 0)}
    ]
    short = short if promised else []
    if not count:
        return short
    # `held` counts at the production's rate, as the comp does; a take that has no proxy yet knows only its own.
    held = probe.get("held")
    if short and held == []:
        return short  # only where it breaks off, and that is said
    frames = numbers(probe.get("corrupt_frames") or [] if held is None else held, start)
    said = [
        *short,
        ngettext(
            "Frame %(frames)s is damaged or missing: the whole frame before it is held.",
            "Frames %(frames)s are damaged or missing: the whole frame before each is held.",
            len(held) if held else count,
        )
        % {"frames": frames}
        if held is None or held
        else _("Its damaged frames fall where the conform shows none of them."),
    ]
    spans = [place for first, last in probe.get("traces") or [] for place in range(first, last + 1)]
    own = Fraction(int(probe.get("fps_num") or 24), int(probe.get("fps_den") or 1))
    if spans and not probe.get("vfr") and abs(own / fps - 1) < Fraction(15, 10_000):
        frames = numbers(spans, start)
        said.append(_("Frames %(frames)s were coded from damaged ones and may show traces.") % {"frames": frames})
    elif spans:
        said.append(_("The frames after them were coded from them, up to the next key frame, and may show traces."))
    return said


def found(probe: Mapping[str, Any], production: Any) -> dict[str, Any]:
    """What the takes page shows of a probe: `rate`, `picture`, `colour`, `notes`, `damage`; empty for none."""
    if not probe:
        return {}
    fps = Fraction(production.fps_num, production.fps_den)
    return {
        "rate": rate(Fraction(int(probe.get("fps_num") or 24), int(probe.get("fps_den") or 1))),
        "picture": picture(probe),
        "colour": colour(probe),
        "notes": notes(probe, fps),
        "damage": damage(probe, fps, production.start_frame),
    }
