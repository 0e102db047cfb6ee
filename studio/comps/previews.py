"""A still of the current frame, live: asked for by the page, made by the interactive worker, kept in a capped folder.

The page's request lies in one slot per page (the latest wins: a superseded one is never seen by a worker), a Celery
hint names the slot, and the answer is two files named by the digest of everything that decides the picture:
`<shot>/<digest>.jpg` and `<digest>.json`. Previews are never artefacts and never in the books. Web and workers share
the folder, as they share the media.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from compositing.recipe import LAYER_VIEWS, VIEWS, Recipe, plain
from studio.comps import behind, recipes, selectors
from studio.core import events
from studio.core.canonical import digest
from studio.core.errors import DomainError, Invalid

HOME = Path(settings.HOME) / "previews"
TASK, QUEUE = "comps.preview", "interactive"
WIDTHS = (180, 270, 360, 540, 720, 1080)
WAIT_S = 2.0  # DESIGN, "A preview frame": then 202, and the page asks again
POLL_S = 0.02
SLOT_S = 30  # an older request has no page waiting for it
ERROR_S = 5  # a failure is shown, not kept: the next try may do
CAP_BYTES = 512 * 2**20
# Raised with anything that changes a still's pixels for the same recipe.
EDITION = 2
FINE_QUALITY = 96


class Unreachable(DomainError):
    """The broker does not take the request: no preview now, the settings are safe."""

    status = 503


@dataclass(frozen=True)
class Still:
    """One picture: frame `frame` (index from 0) of `recipe`, `width` pixels wide, as `view` of the whole or a layer."""

    shot: str
    production: str
    recipe: Recipe
    frame: int
    width: int
    view: str = "comp"
    layer: str = ""
    fine: bool = False  # for judging an edge magnified: with hardly any JPEG loss

    def __post_init__(self) -> None:
        if self.view not in VIEWS or (self.layer and self.view not in LAYER_VIEWS):
            raise Invalid(_("There is no view “%(view)s”.") % {"view": self.view})
        if not 0 <= self.frame < self.recipe.frame_count:
            raise Invalid(
                _("The comp has %(count)s frames; there is no frame %(frame)s.")
                % {"count": self.recipe.frame_count, "frame": self.frame}
            )

    @property
    def digest(self) -> str:
        return digest([EDITION, self.recipe.to_dict(), self.frame, self.width, self.view, self.layer, int(self.fine)])

    def to_json(self) -> str:
        return json.dumps(
            {
                "shot": self.shot, "production": self.production, "recipe": self.recipe.to_dict(), "frame": self.frame,
                "width": self.width, "view": self.view, "layer": self.layer, "fine": self.fine,
            }
        )  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Still":
        data = json.loads(text)
        return cls(**data | {"recipe": Recipe.from_dict(data["recipe"])})


def width_for(wanted: int, limit: int) -> int:
    """The smallest width we make that fills `wanted` pixels, never wider than the production's own `limit`."""
    fits = [width for width in WIDTHS if width <= limit] or [WIDTHS[0]]
    return next((width for width in fits if width >= wanted), fits[-1])


def still_of(
    shot: Any,
    facts: recipes.ShotFacts,
    values: recipes.Values,
    frame: int,
    view: str,
    layer: str,
    width: int,
    *,
    mode: str = "fast",
    fine: bool = False,
) -> Still:
    """The still of a shot with these settings, see `still_from`. Raises Invalid."""
    return still_from(shot, recipes.build(facts, values, mode=mode), frame, view, layer, width, fine=fine)


def still_from(
    shot: Any, recipe: Recipe, frame: int, view: str, layer: str, width: int, *, fine: bool = False
) -> Still:
    """The still of a recipe of the shot. layer: for shots with several keyed layers, whose matte, foreground or plate
    to show; the others are then left out. Raises Invalid.

    A plate is shown as it was shot, unkeyed: it must be there to point at the screen's colour when no key finds it.
    """
    if view == "plate" and not layer:
        layer = next((part.id for part in reversed(recipe.layers) if part.key is not None), "")
    if layer:
        if layer not in {part.id for part in recipe.layers} or view not in LAYER_VIEWS:
            raise Invalid(_("There is no such view of that layer."))
        part = recipe.layer(layer)
        if view == "plate":
            bare = replace(part, kind="foreground", key=None, clean_plate=None, place={}, masks=())
            recipe = plain(replace(recipe, layers=(bare,)))
            view, layer = "comp", ""
        elif view != "difference":
            recipe = replace(recipe, layers=(part,))
    width = width_for(width, recipe.width)
    return Still(str(shot.pk), str(shot.production_id), recipe, frame, width, view or "comp", layer, fine)


def still_for(user: Any, shot: Any, wish: Mapping[str, Any], values: Any = None) -> Still:
    """The still that a page or a program asks for. Raises Invalid.

    wish: frame, and view, layer, width, mode, version (its own recipe), step (an earlier state of the settings), fine,
    draw (as if it filled its layer). values: settings that are not stored yet; None: the stored ones.
    """
    frame, layer, fine = int(wish["frame"]), str(wish.get("layer") or ""), bool(wish.get("fine"))
    view, width = str(wish.get("view") or "comp"), int(wish.get("width") or 540)
    if wish.get("version"):
        recipe = Recipe.from_dict(selectors.version_for(user, shot, int(wish["version"])).recipe)
        keyed = [part.id for part in recipe.layers if part.key is not None]
        layer = layer if layer in keyed or not layer else ""  # a version may lack a layer that the shot has now
        return still_from(shot, recipe, frame, view, layer, width, fine=fine)
    facts = selectors.facts_of(shot)
    if wish.get("step"):
        values = selectors.settings_of(shot).step(str(wish["step"]))
    elif values is None:
        values = selectors.settings_of(shot).values
    cleaned = recipes.clean(values, [part.id for part in facts.layers])
    if wish.get("draw"):
        facts, cleaned = behind.with_draw(facts, cleaned, behind.draw_in(user, shot, str(wish["draw"])))
    return still_of(shot, facts, cleaned, frame, view, layer, width, mode=str(wish.get("mode") or "fast"), fine=fine)


def picture_path(shot: str, name: str) -> Path:
    """Where a preview lies. name: its digest. Raises Invalid for anything that is no digest."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise Invalid(_("That is no preview's name."))
    return HOME / shot / f"{name}.jpg"


def report_of(shot: str, name: str) -> dict[str, Any]:
    """What was found when the preview of that digest was made. Raises Invalid where there is none any more."""
    try:
        answer: dict[str, Any] = json.loads(picture_path(shot, name).with_suffix(".json").read_text())
    except (FileNotFoundError, ValueError):
        raise Invalid(_("That picture is gone meanwhile. Look at the frame again, then ask once more.")) from None
    return dict(answer.get("report") or {})


def look(still: Still) -> dict[str, Any] | None:
    """The answer if there is one: {"state": "ready" | "failed", "digest", "report", "error"}."""
    picture = picture_path(still.shot, still.digest)
    note = picture.with_suffix(".json")
    try:
        answer: dict[str, Any] = json.loads(note.read_text())
        if answer["state"] == "failed" and time.time() - note.stat().st_mtime > ERROR_S:
            return None
        os.utime(note)  # what is looked at stays longest
        return answer if answer["state"] == "failed" or picture.exists() else None
    except (FileNotFoundError, ValueError):
        return None


def ask(still: Still, page: str, *, wait_s: float = WAIT_S) -> dict[str, Any]:
    """The preview, or {"state": "waiting"} if it isn't there within wait_s.

    page: names who asks; a newer request of the same page replaces an older one that no worker took yet.
    """
    if answer := look(still):
        return answer
    slot = f"huo:preview:{page}"
    try:
        _redis().set(slot, still.to_json(), ex=SLOT_S)
        # By name: only workers load the task itself (see handlers).
        current_app.send_task(TASK, args=[slot], queue=QUEUE, retry=False, expires=SLOT_S, ignore_result=True)
    except (redis.RedisError, OperationalError) as error:
        raise Unreachable(
            _("The preview can't be asked for just now. Your settings are safe; try again in a moment.")
        ) from error
    deadline = time.monotonic() + wait_s
    while True:
        if answer := look(still):
            return answer
        if time.monotonic() >= deadline:
            return {"state": "waiting", "digest": still.digest}
        time.sleep(POLL_S)


def serve(slot: str, engine: Callable[[str, dict[str, Any]], dict[str, Any]], sources: Callable[[str], Path]) -> str:
    """Make what lies in `slot` and take it out; an empty slot (superseded, doubled hint) is nothing to do.

    engine(op, args) -> result, as `compositing.sandbox.Warm.request`; sources(sha256) -> path. Returns the digest
    or "".
    """
    text = _redis().getdel(slot)
    if not text:
        return ""
    still = Still.from_json(text if isinstance(text, str) else text.decode())
    if look(still) is None:
        make(still, engine, sources)
        events.publish(
            still.production, {"verb": "preview.ready", "subject": "preview", "key": still.digest, "code": ""}
        )
    return still.digest


def make(
    still: Still, engine: Callable[[str, dict[str, Any]], dict[str, Any]], sources: Callable[[str], Path]
) -> dict[str, Any]:
    """Render `still` into the folder. A failure becomes the answer's sentence."""
    picture = picture_path(still.shot, still.digest)
    picture.parent.mkdir(parents=True, exist_ok=True)
    draft = picture.with_name(f"{still.digest}.{os.getpid()}.part.jpg")
    try:
        result = engine(
            "still",
            {
                "recipe": still.recipe.to_dict(), "sources": {sha: str(sources(sha)) for sha in still.recipe.sources()},
                "frame": still.frame, "width": still.width, "view": still.view, "out": str(draft),
                **({"quality": FINE_QUALITY} if still.fine else {}),
            },
        )  # fmt: skip
        os.replace(result.get("path") or draft, picture)
        answer = {
            "state": "ready",
            "digest": still.digest,
            "report": result.get("report") or {},
            "seconds": result.get("seconds"),
        }
    except Exception as error:
        # The page shows the sentence; whoever runs the worker finds the rest in its log.
        draft.unlink(missing_ok=True)
        answer = {"state": "failed", "digest": still.digest, "error": str(error), "code": getattr(error, "code", "")}
        _write(picture.with_suffix(".json"), answer)
        if not getattr(error, "code", ""):
            raise
        return answer
    _write(picture.with_suffix(".json"), answer)
    return answer


def _write(path: Path, answer: dict[str, Any]) -> None:
    part = path.with_name(f"{path.stem}.{os.getpid()}.part")
    part.write_text(json.dumps(answer))
    os.replace(part, path)


def sweep(cap_bytes: int = CAP_BYTES) -> int:
    """Delete the previews longest unseen until the folder holds at most cap_bytes; half-written ones after an hour.

    Returns how many files went. Safe beside running workers: a deleted preview is made again when asked for.
    """
    notes, total, gone = [], 0, 0
    for path in HOME.glob("*/*"):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if ".part" in path.name:
            if time.time() - stat.st_mtime > 3600:
                path.unlink(missing_ok=True)
                gone += 1
            continue
        total += stat.st_size
        if path.suffix == ".json":
            notes.append((stat.st_mtime, path))
    for _mtime, note in sorted(notes):
        if total <= cap_bytes:
            break
        for path in (note, note.with_suffix(".jpg")):
            try:
                total -= path.stat().st_size
                path.unlink()
                gone += 1
            except FileNotFoundError:
                continue
    return gone


def _redis() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL)
