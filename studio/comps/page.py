"""What the comp page shows: contexts for its template and its script."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from studio.comps import controls, recipes, selectors
from studio.comps.models import Version
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
        "layers": {
            layer.id: {
                "name": layer_name(layer.name, layer.kind),
                "keyed": layer.keyed,
                "centre_milli": layer.filling.media.get("centre_milli"),
            }
            for layer in facts.layers
            if layer.visual and layer.filling
        },
    }


def whole(user: Any, shot: Shot) -> dict[str, Any]:
    context = layers(user, shot) | versions(user, shot)
    finished = next((entry["version"] for entry in context["rows"] if entry["version"].proxy_id), None)
    return context | {
        "views": controls.VIEWS.items(),
        "strip": selectors.filmstrip_of(shot, [entry["layer"] for entry in context["layers"]]),
        "page": _script(shot, context["settings"], finished, context["may_comp"]),
        "tab": "board",
    }


def _script(shot: Shot, settings: selectors.Settings, finished: Version | None, may_comp: bool) -> dict[str, Any]:
    production = shot.production
    names = ("settings", "undo", "redo", "reset", "preview", "layers", "panels")
    return {
        "urls": {name: reverse(f"comps:{name}", args=address(shot)) for name in names},
        "settings": settings.as_dict(),
        "shot": str(shot.pk),
        "start": production.start_frame,
        "fps": [production.fps_num, production.fps_den],
        "size": [production.width, production.height],
        "may": may_comp,
        "names": controls.names(),
        "before": finished is not None,
        "words": {
            "rendering": _("rendering…"),
            "undo": _("Undo: %s"),
            "redo": _("Redo: %s"),
            "nothing_undo": _("Nothing to undo"),
            "nothing_redo": _("Nothing to redo"),
            "several": _("%s and more"),
            "nobody": _(
                "The preview worker does not answer. Your settings are safe; the picture comes when it is back."
            ),
            "unreachable": _("The studio can't be reached. Check the connection; your last change is not saved yet."),
            "changed_by": _("%s changed the settings; you see the new ones."),
            "copied": _("Settings taken over. Undo brings yours back."),
            "pick": _("Click on the screen's colour in the picture. Esc leaves it."),
            "grey": _("That spot has no colour. Click on the screen itself."),
            "hues": [[upto, str(name)] for upto, name in controls.HUES],
            "screen": _("screen: %(name)s, hue %(hue)s°, %(share)s % of the picture"),
            "clean_plate": _("clean plate used"),
            "hint": _("person hint used"),
            "person": _("no screen: matted by the person, grade %(grade)s; edges are soft, hair will not hold"),
            "band": _("%s % of the pixels are edge"),
            "seconds": _("made in %s s"),
        },
    }
