"""What the comp page shows: contexts for its template and its script."""

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from compositing.recipe import MODES
from studio.comps import controls, recipes, selectors
from studio.comps.models import Version
from studio.comps.services import DRAFT
from studio.footage.reasons import HUES
from studio.productions.models import Shot, layer_name


def address(shot: Shot) -> list[str]:
    """The arguments of every address below the shot: slug, EP01, SC01_SH010."""
    episode, path_code = shot.code.split("_", 1)
    return [shot.production.slug, episode, path_code]


def versions(user: Any, shot: Shot) -> dict[str, Any]:
    return {
        "shot": shot,
        "production": shot.production,
        "rows": selectors.with_changes(list(selectors.versions_for(user, shot))),
        "may_comp": selectors.may_comp(user, shot),
    }


def layers(user: Any, shot: Shot) -> dict[str, Any]:
    """The layer list (topmost first) and the panels of controls."""
    rows = selectors.layers_of(shot)
    facts = selectors.facts_of(shot, rows)
    settings = selectors.settings_of(shot)
    frames = recipes.frame_count(facts, settings.values)
    entries = [
        {
            "layer": layer,
            "facts": fact,
            "groups": controls.layer_groups(fact),
            "hidden": fact.id in recipes.hidden(settings.values),
        }
        for layer, fact in zip(rows, facts.layers, strict=True)
        if fact.visual
    ]
    return {
        "shot": shot,
        "production": shot.production,
        "episode": shot.scene.episode,
        "layers": entries[::-1],
        "facts": facts,
        "settings": settings,
        "frames": frames,
        "planned": shot.duration_frames,
        "short": frames < shot.duration_frames,
        "usable": bool(recipes.shown(facts, settings.values)),
        "match": controls.match_groups(),
        "missing": [(layer, recipes.missing_sentence(layer)) for layer in recipes.missing(facts, settings.values)],
        "facts_json": _facts(facts, frames),
        "may_comp": selectors.may_comp(user, shot),
    }


def _facts(facts: recipes.ShotFacts, frames: int) -> dict[str, Any]:
    """What the script must know of the layers; fetched again with the panels."""
    return {
        "frames": frames,
        "planned": facts.duration_frames,
        "layers": {
            layer.id: {
                "name": layer_name(layer.name, layer.kind),
                "keyed": layer.keyed,
                "maskable": layer.maskable,
                # How many frames it has of its own, 0 for a picture: masks are keyed by them.
                "frames": layer.filling.frames_at(facts.fps) if layer.filling.moving else 0,
                "acts": layer.kind == "actor",
                "looped": layer.kind in recipes.LOOPED,
                "centre_milli": layer.filling.media.get("centre_milli"),
            }
            for layer in facts.layers
            if layer.visual and layer.filling
        },
    }


def whole(user: Any, shot: Shot) -> dict[str, Any]:
    context = layers(user, shot) | versions(user, shot)
    own = [entry["layer"] for entry in context["layers"]]
    strip = selectors.filmstrip_of(shot, own)
    return context | {
        "views": [(name, *words) for name, words in controls.VIEWS.items()],
        "backings": controls.BACKINGS.items(),
        "modes": _modes(shot, [entry["version"] for entry in context["rows"]], context["frames"]),
        "strip": strip,
        "strip_rate": f"{shot.production.fps_num / shot.production.fps_den:.6f}",
        "strip_layer": next((layer.pk for layer in own if strip and layer.element_id == strip.element_id), None),
        "page": _script(shot, context["settings"], context["may_comp"]),
        # What stands in the frame until the first picture is made: the newest version's, said to be rendering.
        "last": next((entry["version"].poster for entry in context["rows"] if entry["version"].poster_id), None),
        "tab": "board",
    }


def _modes(shot: Shot, finished: list[Version], frames: int) -> list[dict[str, Any]]:
    """Each way to render: what it is for, and how long it took last time here, reckoned to this many frames."""
    rate = selectors.cpu_rate(shot.production, datetime.now(UTC).date())
    rows = []
    for mode in (DRAFT, *MODES):
        name, meant = controls.MODES.get(mode, (mode, ""))
        last = next((v for v in finished if v.mode == mode and v.seconds_milli and v.frame_count), None)
        milli = last.seconds_milli * frames // last.frame_count if last and last.seconds_milli else None
        cost = None if rate is None or milli is None else (rate.amount_minor * milli + 1_800_000) // 3_600_000
        seconds = None if milli is None else max(1, round(milli / 1000))
        rows.append({"name": mode, "label": name, "meant": meant, "seconds": seconds, "cost": cost, "last": last})
    return rows


def _script(shot: Shot, settings: selectors.Settings, may_comp: bool) -> dict[str, Any]:
    production = shot.production
    names = ("settings", "undo", "redo", "reset", "history", "go", "preview", "layers", "panels")
    return {
        "urls": {name: reverse(f"comps:{name}", args=address(shot)) for name in names},
        "settings": selectors.told(shot, settings),
        "shot": str(shot.pk),
        "start": production.start_frame,
        "fps": [production.fps_num, production.fps_den],
        "size": [production.width, production.height],
        "may": may_comp,
        "names": controls.names(),
        "views": list(controls.VIEWS),
        "backings": list(controls.BACKINGS),
        "words": {
            "rendering": _("rendering…"),
            "stale": _("earlier picture"),
            "undo": _("Undo: %s"),
            "redo": _("Redo: %s"),
            "nothing_undo": _("Nothing to undo"),
            "nothing_redo": _("Nothing to redo"),
            "several": _("%s and more"),
            "nobody": _(
                "The preview worker does not answer. Your settings are safe; the picture comes when it is back."
            ),
            "unreachable": _("The studio can't be reached. Check the connection; your last change is not saved yet."),
            "broken": _(
                "The studio failed at this; its log says why. Reload the page; what came last may not be saved."
            ),
            "changed_by": _("%s changed the settings; you see the new ones."),
            "copied": _("Settings taken over. Undo brings yours back."),
            "pick": _("Click on the screen's colour, or drag over a patch of it. Esc leaves it."),
            "automatic": _("everything automatic"),
            "start": _("at the beginning"),
            "now": _("now"),
            "versions": _("Versions"),
            "history": _("History"),
            "no_history": _("Nothing was changed yet."),
            "garbage": _("Garbage"),
            "holdout": _("Holdout"),
            "draw": _("Click round it point by point; click the first point or press Enter to close. Esc gives up."),
            "few": _("A polygon needs three points at least."),
            "point": _("Point %(number)s of %(count)s"),
            "keys": _("%(count)s keys"),
            "key_here": _("Key at %s"),
            "one_key": _("It needs one key; move its points instead, or delete the mask."),
            "magnified": _("%s times the master's pixels"),
            "grey": _("That spot has no colour. Click on the screen itself."),
            "picked_skin": _(
                "Picked: %(name)s, hue %(hue)s°. Skin has this colour, and whatever has it becomes clear. "
                "Undo takes it back; then pick on the screen."
            ),
            "picked_far": _(
                "Picked: %(name)s, hue %(hue)s°. The screen found here is %(found)s, hue %(other)s°. "
                "Undo takes the pick back."
            ),
            "reached": _("%(now)s of %(rate)s"),
            "film_lost": _("This version's film cannot be played. Reload the page; if it stays so, render it again."),
            "hues": [[upto, str(name)] for upto, name in HUES],
            "screen": _("screen: %(name)s, hue %(hue)s°, %(share)s % of the picture"),
            "clean_plate": _("clean plate used"),
            "hint": _("person hint used"),
            "person": _("no screen: matted by the person, grade %(grade)s; edges are soft, hair will not hold"),
            "band": _("%s % of the pixels are edge"),
            "seconds": _("made in %s s"),
            "belonging": _belonging(),
        },
    }


def _belonging() -> dict[str, str]:
    """What the guides over the picture and their panel say."""
    return {
        "no_face": _("No face is seen: its light can't be read off."),
        "even": _("even light"),
        "key": _("%(n)s° · soft %(soft)s %%"),
        "apart": _("%(n)s° apart"),
        "colour": _("colour ΔE %(n)s"),
        "front": _("from the front"),
        "behind": _("from behind"),
        "ground": _("background"),
        "horizon": _("Horizon"),
        "hand": _("set by hand"),
        "plate": _("known"),
        "lines": _("from its lines"),
        "guess": _("a guess: drag it"),
        "eyes": _("eyes"),
        "metres": _("%(n)s m"),
        "blur": _("f/%(stop)s at %(lens)s mm, the actor %(actor)s cm away, would blur this background by %(px)s px."),
        "blurred": _("It is blurred so."),
        "before": _("Before"),
        "after": _("After"),
    }
