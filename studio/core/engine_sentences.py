"""What the engine says, in the reader's language: its error codes and their sentences.

The engine knows no language but English. Its errors carry a code and parameters, and the text here with the same
code says the same thing. A code that is raised at several places has the sentence of each.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext, gettext_noop

from studio.core import model_sentences
from studio.core.extraction import PLACEHOLDER

_ = gettext_noop
DAMAGED = _("%(name)s is damaged and cannot be read. Export it again.")
SENTENCES: dict[str, tuple[str, ...]] = {
    **model_sentences.SENTENCES,
    # the file
    "empty_file": (_("%(name)s is empty. Upload it again."),),
    "missing": (
        _("%(name)s is no longer there. Upload it again."),
        _("%(name)s cannot be opened: %(reason)s."),
    ),
    "svg": (
        _("%(name)s is an SVG drawing, not a film. Export it as PNG for a plate, or upload the film itself."),
        _("%(name)s is an SVG drawing. Export it as PNG and upload that."),
    ),
    "playlist": (_("%(name)s is a playlist that points at other files. Upload the film itself."),),
    "not_media": (_("%(name)s is not a video that can be read. Export it as MP4 or MOV and upload it again."),),
    "broken_off": (
        _(
            "%(name)s breaks off before its index, so no picture in it can be found: the copy or the recording did not "
            "reach its end. Copy it again from the card."
        ),
    ),
    "one_picture": (
        _("%(name)s is one picture, not a film. Send the film, or pack numbered PNG, TIFF or EXR pictures into a zip."),
    ),
    "no_video": (_("%(name)s has sound but no picture. Upload the film with its picture."),),
    "no_frames": (_("%(name)s has no picture that can be decoded. Export it again."),),
    "too_many_pixels": (
        _(
            "%(name)s is %(width)s × %(height)s, more than the %(millions)s million pixels taken here. "
            "Export it smaller and upload it again."
        ),
    ),
    "too_many_frames": (
        _("%(name)s has %(frame_count)s frames, more than the %(max_frames)s taken here. Split it first."),
    ),
    "no_such_frame": (_("%(name)s has %(frame_count)s frames, so there is no frame %(frame)s."),),
    "not_a_picture": (_("%(name)s is not a PNG, JPEG, WebP or TIFF picture. Export it as one of these."),),
    "float_picture": (
        _(
            "%(name)s holds floating-point numbers: a still plate cannot. "
            "Export it in 16 bits, or send it as EXR in a zip."
        ),
    ),
    "damaged_picture": (DAMAGED, _("%(name)s is damaged: it does not say its size.")),
    # a zip of pictures
    "zip_broken": (_("%(name)s is a zip that cannot be read: it is cut off or damaged. Pack it again."),),
    "zip_too_many": (_("%(name)s holds %(count)s files, more than the %(most)s frames taken here. Split it first."),),
    "zip_empty": (_("%(name)s holds no PNG, TIFF or EXR pictures. Pack one numbered sequence into it."),),
    "zip_path": (_("%(name)s holds a file that points outside of it (%(entry)s). Pack the pictures alone."),),
    "zip_link": (_("%(name)s holds a link (%(entry)s) instead of a file. Pack the pictures themselves."),),
    "zip_nested": (_("%(name)s holds another archive (%(entry)s). Unpack it, and pack the pictures alone."),),
    "zip_stranger": (_("%(name)s holds %(entry)s, which is no PNG, TIFF or EXR picture. Pack the pictures alone."),),
    "zip_locked": (_("%(name)s is locked by a password. Pack it without one."),),
    "zip_bomb": (
        _(
            "%(name)s has %(packed)s MB and would unpack to %(total)s MB: no sequence of pictures does that. "
            "Pack the pictures without compressing them again."
        ),
    ),
    "zip_unnumbered": (_("%(name)s: %(entry)s has no frame number. Number every picture, as in plate.1001.exr."),),
    "zip_mixed": (
        _("%(name)s holds more than one sequence (%(entry)s and %(other)s). Pack each into a zip of its own."),
    ),
    "zip_twice": (_("%(name)s holds frame %(frame)s twice (%(entry)s and %(other)s). Keep one."),),
    "zip_gaps": (
        _(
            "%(name)s numbers its pictures from %(low)s to %(high)s and holds %(count)s of them: "
            "after %(gap)s comes %(after)s. Number them without gaps."
        ),
    ),
    "zip_sizes": (
        _(
            "%(name)s is %(width)s × %(height)s and the pictures before it are %(first_width)s × %(first_height)s. "
            "A sequence has one size: export it again."
        ),
    ),
    "missing_frame": (_("Frame %(frame)s is missing."),),
    "unreadable": (_("The file could not be read to its end: %(message)s"),),
    # the comp
    "damaged_weights": (
        _(
            "The edge refiner's weights, %(name)s, are not the ones this version was measured with: install the studio "
            "anew, or set the parameter Learned edge to 0 until then."
        ),
    ),
    "no_screen": (
        _(
            "No screen was found: no saturated colour fills enough of the picture. "
            "Check that this is the green-screen take, pick the screen's colour by hand, or have the matte made by the "
            "person."
        ),
    ),
    "no_screen_there": (
        _(
            "The colour picked (hue %(hue)s°) fills too little of the picture to be its screen. Pick on the screen "
            "itself, or set the screen's colour back to automatic."
        ),
    ),
    "hint_missing": (
        _(
            "This comp was made with the person segmenter, which is not installed here. "
            "Run `python -m compositing hints install`, or turn the person hint off."
        ),
        _("The person segmenter's file cannot be run by this OpenCV. Install OpenCV 5."),
    ),
    "crowd_unseen": (
        _(
            "On this plate nobody would be seen: people stand from %(nearest)s m on, nearer they look drawn, and there "
            "everything is hidden or has no ground. Take a deeper place or a shorter lens."
        ),
    ),
    "ground_unknown": (
        _("This depth map does not say how its picture is seen; draw the plate again and take its new depth map."),
        _("This depth map cannot be read; draw the plate again."),
        _("The depth map that they should stand on was not given; choose it again."),
    ),
    "nobody_found": (_("Nobody was found in the picture: a matte without a screen needs a person to follow."),),
    "hint_needed": (
        _(
            "Layer %(layer)s is to be matted by the person segmenter, which is not installed. "
            "Run `python -m compositing hints install` where the studio runs, or key it by its screen."
        ),
    ),
    "bad_mask": (
        _("A layer's masks must be a list."),
        _("A layer takes at most %(most)s masks, not %(count)s."),
        _("Two masks of a layer share an id; each needs its own."),
        _("A mask must be a JSON object."),
        _("A mask has unknown fields: %(fields)s."),
        _("A mask needs an id of 1 to 40 characters."),
        _("A mask's kind must be garbage or holdout."),
        _("A mask's name must be text of at most 60 characters."),
        _("A mask needs 1 to %(most)s keys, each with a frame and its points."),
        _("A mask's key holds a frame and points, nothing else."),
        _("A mask has two keys at one frame; keep one of them."),
        _("Every key of a mask needs the same number of points."),
        _("A mask's polygon has 3 to %(most)s points."),
        _("A point of a mask is two whole numbers: across and down."),
        _("A mask's feather must be a whole number from %(low)s to %(high)s, not %(value)s."),
        _("A mask's invert must be a whole number from %(low)s to %(high)s, not %(value)s."),
        _("A mask's off must be a whole number from %(low)s to %(high)s, not %(value)s."),
        _("A key's frame must be a whole number from %(low)s to %(high)s, not %(value)s."),
        _("A mask's point must be a whole number from %(low)s to %(high)s, not %(value)s."),
    ),
    "missing_source": (_("The recipe's source %(sha256)s was not given."),),
    "bad_argument": (
        _("%(argument)s must be a whole number from %(least)s to %(most)s."),
        _("%(argument)s must be an absolute path, not %(value)s."),
    ),
    "bad_rate": (
        _("%(text)s is not a frame rate. Use one such as 24, 29.97 or 30000/1001."),
        _("%(num)s/%(den)s is not a frame rate. Use one such as 24/1 or 30000/1001."),
    ),
    "bad_timecode": (
        _("%(text)s is not a timecode. Write it as 01:00:00:00."),
        _("%(text)s does not exist at %(rate)s frames a second."),
    ),
    "dropped_timecode": (_("%(text)s is skipped by drop-frame timecode."),),
    # the export of a foreground
    "no_keyed_layer": (
        _("This version has no keyed layer, so there is no foreground to export. Add an actor or key a layer."),
    ),
    # the master
    "empty_cut": (_("The cut is empty. Add at least one approved shot."),),
    "frames_outside": (
        _(
            "The cut asks for frames %(frame_in)s to %(frame_out)s of %(name)s, which has %(frame_count)s "
            "(0 to the last). Trim the shot or render it longer."
        ),
    ),
    "short_master": (_("%(name)s gave %(frames)s frames instead of %(expected)s. Render it again."),),
    "label_too_long": (
        _("The label “%(text)s” is too long for a picture %(width)s wide. Use a shorter text such as AI生成."),
    ),
    "empty_label": (_("The label has no letters in it. Write what it should say."),),
    "no_glyph": (_("The font cannot draw %(letter)s. Leave it out of the label."),),
    "no_font": (
        _("The Chinese font is not installed, so no label can be drawn. Install the package justmytype-intl-cjk."),
    ),
    "bad_aigc": (
        _("The AIGC label in this file is not JSON."),
        _("The AIGC label in this file says no Label."),
        _("The AIGC label is not right: %(message)s"),
    ),
    "not_signed": (_("The film could not be signed: %(reason)s"),),
    "cannot_encode": (_("%(name)s could not be encoded as a picture."),),
    # the child that did the work
    "gpu_memory": (
        _("The GPU has too little free memory for one frame: close what else uses it, or render on the CPU."),
    ),
    "child_memory": (_("The picture engine needed more than its %(megabytes)s MB of memory and was stopped."),),
    "child_cpu": (_("The picture engine used more than its %(seconds)s s of processor time and was stopped."),),
    "child_time": (_("The picture engine took longer than %(seconds)s s and was stopped. Try a shorter piece."),),
    "child_file_size": (_("The picture engine wrote a file larger than %(megabytes)s MB and was stopped."),),
    "child_signal": (_("The picture engine was ended by %(signal)s. Nothing was recorded; try again."),),
    "child_gone": (
        _("The picture engine ended without an answer (status %(status)s). Nothing was recorded; try again."),
        _("The picture engine could not be started: %(reason)s."),
    ),
    "cancelled": (_("The work was cancelled."),),
    "no_blender": (_("Blender is not installed: run `./run --blender --setup-only` once."),),
    "blender_failed": (_("Blender ended with %(status)s: %(end)s"),),
    "unknown_operation": (_("The picture engine knows no operation “%(op)s”."),),
    "internal": (
        _(
            "The picture engine failed at “%(op)s” (%(type)s). Nothing was recorded; if it happens again, send the log "
            "of this job to whoever looks after the studio."
        ),
    ),
    # what has no code of its own keeps the engine's words inside
    "refused": (_("The picture engine refused this: %(message)s"),),
    "wrong_shape": (_("The picture engine was given a picture of another size: %(message)s"),),
    "engine_failed": (_("The picture engine failed: %(message)s"),),
}


def pattern(text: str) -> re.Pattern[str]:
    """What finds a filled sentence again, with a group for each name in it."""
    parts, seen, at = [], set(), 0
    for hole in PLACEHOLDER.finditer(text):
        parts.append(re.escape(text[at : hole.start()].replace("%%", "%")))
        parts.append(f"(?P={hole[1]})" if hole[1] in seen else f"(?P<{hole[1]}>.+?)")
        seen.add(hole[1])
        at = hole.end()
    parts.append(re.escape(text[at:].replace("%%", "%")))
    return re.compile("".join(parts), re.DOTALL)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """`text` with its gaps filled, whatever type they were written for."""
    return PLACEHOLDER.sub(lambda hole: str(values[hole[1]]), text).replace("%%", "%")


def sentence(code: str, params: Mapping[str, Any], fallback: str) -> str:
    """The engine's error in the active language. `fallback`: its own English, shown where nothing says it better."""
    if fallback and (get_language() or "en").startswith("en"):
        return fallback
    filled = {**params, "message": fallback}
    if "max_pixels" in filled:
        filled["millions"] = f"{int(filled['max_pixels']) / 1e6:.0f}"
    for text in SENTENCES.get(code, ()):  # the place it came from, if its very words are known
        if found := pattern(text).fullmatch(fallback):
            return fill(gettext(text), {**found.groupdict(), **filled})
    for text in SENTENCES.get(code, ()):
        if set(PLACEHOLDER.findall(text)) <= filled.keys():
            return fill(gettext(text), filled)
    return fallback
