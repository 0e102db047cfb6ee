"""The registry of learned models: add, verify, approve, and what each production may do with each."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from compositing.errors import EngineError
from modelhost import families, manifest
from studio.core.canonical import digest
from studio.core.engine_sentences import sentence
from studio.core.errors import Conflict, Invalid, NotThere
from studio.generation import comfy_graph
from studio.generation.licensing import SENTENCES, Licence, Reason, Use, reasons
from studio.generation.models import RegisteredModel
from studio.ledger.services import record
from studio.productions import policy
from studio.productions.models import Production
from studio.productions.policy import Action

State = RegisteredModel.State
CODE = re.compile(r"[A-Z]{2}")
PAPERS = ("title", "licence", "licence_url", "commercial", "territories_allowed", "territories_forbidden", "source",
          "random_weights", "dtype")  # fmt: skip


def home() -> Path:
    """Where models lie, one folder each."""
    return Path(settings.MODEL_HOME)


def folder_of(model: RegisteredModel | str) -> Path:
    name = model if isinstance(model, str) else model.name
    if not name or slugify(name) != name:
        raise NotThere(_("“%(name)s” is no model's name: small letters, digits and hyphens.") % {"name": name})
    return home() / name


def found_folders() -> list[str]:
    """Folders below the models folder that nobody has registered yet."""
    known = set(RegisteredModel.objects.values_list("name", flat=True))
    there = [path.name for path in home().iterdir() if path.is_dir()] if home().is_dir() else []
    return sorted(name for name in there if slugify(name) == name and name not in known)


@transaction.atomic
def add(
    *, approved_by: Any, name: str, production: Production | None = None, later: bool = False, **papers: Any
) -> RegisteredModel:
    """Register the folder `<models>/<name>` with its papers: every file is looked at and hashed now.

    papers: PAPERS; licence and source are needed. production: in whose books it is entered, after asking its policy;
    None: the operator's own command. later: leave the look at the files to `verify`, in a worker. Raises Invalid for a
    gap, Refused (compositing.errors) for a folder that may run code or is not known.
    """
    _may(approved_by, production)
    papers = _checked(papers)
    if RegisteredModel.objects.filter(name=name).exists():
        raise Conflict(_("%(name)s is registered already. Verify it, or remove it first.") % {"name": name})
    if not folder_of(name).is_dir():
        raise NotThere(_("There is no folder “%(name)s” among the models.") % {"name": name})
    model = RegisteredModel(
        name=name, approved_by=approved_by, approved_at=_now() if approved_by else None,
        **{"title": name.replace("-", " ").title(), **papers},
    )  # fmt: skip
    if not later:
        _take_in(model)
    model.save()
    _enter("model.added", model, approved_by, production)
    return model


def _take_in(model: RegisteredModel) -> None:
    """Write down what the folder holds. Raises Refused for one that may run code or is not known here."""
    folder = folder_of(model)
    found = manifest.read(folder)
    model.kind, model.family, model.class_name = found.kind, found.family, found.class_name
    model.manifest, model.manifest_sha256, model.size = found.files, found.sha256, found.size
    model.state, model.checked_at = State.VERIFIED, _now()
    model.dtype = model.dtype or _dtype(folder, found)


@transaction.atomic
def add_workflow(
    *, approved_by: Any, name: str, graph: Mapping[str, Any], bind: Mapping[str, Any] | None = None,
    production: Production | None = None, **papers: Any,
) -> RegisteredModel:  # fmt: skip
    """Register a ComfyUI workflow (its API form) that a remote server runs; the licence is that of the models in it.

    bind: setting -> [node, input] where the graph alone does not say it. Raises Invalid for a graph that is none.
    """
    _may(approved_by, production)
    papers = _checked(papers)
    if slugify(name) != name or RegisteredModel.objects.filter(name=name).exists():
        raise Conflict(_("Choose another name than “%(name)s”: it is taken or no name.") % {"name": name})
    bound = comfy_graph.bind(graph, bind or {})
    whole = {"graph": dict(graph), "bind": bound}
    model = RegisteredModel.objects.create(
        name=name, kind=families.WORKFLOW, family="", class_name="ComfyUI", manifest={},
        manifest_sha256=digest(comfy_graph.without_floats(whole)), workflow=whole, size=len(json.dumps(whole)),
        state=State.VERIFIED, checked_at=_now(), approved_by=approved_by,
        approved_at=_now() if approved_by else None,
        **{"title": name.replace("-", " ").title(), **papers},
    )  # fmt: skip
    _enter("model.added", model, approved_by, production)
    return model


def verify(*, model: RegisteredModel, actor: Any = None, production: Production | None = None) -> RegisteredModel:
    """Hold the folder against its manifest now; the finding stays with the model. Hashes every file: not in a page.

    A folder that differs becomes `changed` and is not drawn with until the approved files are back.
    """
    if production is not None:
        policy.require(actor, Action.SPEND, production)
    if model.kind == families.WORKFLOW:
        return model
    before = model.state
    first = not model.manifest
    try:
        if first:
            _take_in(model)
        else:
            manifest.verify(folder_of(model), model.manifest)
    except EngineError as error:
        model.state = State.UNVERIFIED if first else State.CHANGED
        model.finding, model.finding_wire = str(error), error.to_wire()
    else:
        model.state, model.finding, model.finding_wire = State.VERIFIED, "", {}
    model.checked_at = _now()
    model.save()
    if before != model.state:
        _enter(f"model.{model.state}", model, actor, production)
    return model


def mark_changed(*, sha256: str, error: EngineError) -> None:
    """A worker found the folder differing when it was about to load it."""
    RegisteredModel.objects.filter(manifest_sha256=sha256).update(
        state=State.CHANGED, finding=str(error), finding_wire=error.to_wire(), checked_at=_now()
    )


@transaction.atomic
def amend(
    *, actor: Any, model: RegisteredModel, production: Production | None = None, **papers: Any
) -> RegisteredModel:
    """Correct a model's papers; who does it approves the model with them. A "random weights" flag is not taken back."""
    _may(actor, production)
    if model.random_weights and papers.get("random_weights") is False:
        raise Invalid(_("A model registered with random weights stays so: register the real one as another model."))
    for name, value in _checked({name: getattr(model, name) for name in PAPERS} | papers).items():
        setattr(model, name, value)
    model.approved_by, model.approved_at = actor, _now()
    model.save()
    _enter("model.approved", model, actor, production)
    return model


@transaction.atomic
def remove(*, actor: Any, model: RegisteredModel, production: Production | None = None) -> None:
    """Strike a model from the registry; its folder stays on disk. Releases that hold its draws are blocked."""
    _may(actor, production)
    _enter("model.removed", model, actor, production)
    model.delete()


def usable(name: str, kind: str = families.PIPELINE) -> RegisteredModel:
    """The model of that name, if it may be drawn with. Raises Invalid with what to do."""
    model = RegisteredModel.objects.filter(name=name, kind=kind).first()
    if model is None:
        raise Invalid(_("There is no model “%(name)s” in the registry.") % {"name": name})
    if model.state != State.VERIFIED:
        said = _("%(name)s is %(state)s and is not drawn with: %(why)s")
        raise Invalid(said % {"name": name, "state": model.get_state_display(), "why": finding_of(model)})
    if model.approved_at is None:
        said = _("Nobody has approved %(name)s yet: the producer or the compliance officer may.")
        raise Invalid(said % {"name": name})
    return model


def finding_of(model: RegisteredModel) -> str:
    """What was found at the last check, in the reader's language."""
    if model.finding_wire:
        wire = model.finding_wire
        return sentence(str(wire.get("code", "")), wire.get("params") or {}, model.finding)
    if model.state == State.VERIFIED:
        return _("Every file is the approved one.")
    return _("It was never checked: verify it.")


# -- licences


def licence_of(model: RegisteredModel) -> Licence:
    return Licence(
        model.title, model.licence, model.commercial, frozenset(model.territories_allowed),
        frozenset(model.territories_forbidden), model.approved_at is not None, model.random_weights,
    )  # fmt: skip


def use_of(production: Production) -> Use:
    return Use(production.commercial, frozenset(production.territories))


def parts_of(recipe: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The models in a recipe: [{"name", "manifest"}], empty where none drew."""
    parts = recipe.get("parts")
    if not isinstance(parts, Mapping):
        return []
    found = [part for name in ("pipeline", "controlnet", "workflow") if (part := parts.get(name))]
    return [{"name": one["name"], "manifest": one["manifest"]} for one in (*found, *(parts.get("loras") or []))]


def against(parts: Iterable[Mapping[str, Any]], production: Production) -> list[Reason]:
    """What speaks against using these models' pictures in the production; empty: nothing."""
    parts = list(parts)
    rows = {row.manifest_sha256: row for row in RegisteredModel.objects.filter(
        manifest_sha256__in=[part["manifest"] for part in parts])}  # fmt: skip
    found: list[Reason] = []
    for part in parts:
        row = rows.get(part["manifest"])
        if row is None:
            found.append(Reason("unknown", {"model": part["name"]}))
        else:
            found += reasons(licence_of(row), use_of(production))
    return found


def licences_of(recipe: Mapping[str, Any]) -> str:
    """The licences of the models in a recipe, for the element it becomes; empty where none drew."""
    digests = [part["manifest"] for part in parts_of(recipe)]
    rows = RegisteredModel.objects.filter(manifest_sha256__in=digests).values_list("licence", flat=True)
    return ", ".join(dict.fromkeys(rows))[:80]


def worded(reason: Reason) -> str:
    """A reason in the reader's language."""
    return _(SENTENCES[reason.code]) % reason.params


@dataclass(frozen=True)
class Standing:
    """A model as a production's page shows it."""

    model: RegisteredModel
    finding: str
    against: tuple[str, ...]

    @property
    def usable(self) -> bool:
        return self.model.state == State.VERIFIED and self.model.approved_at is not None


def standings(production: Production) -> list[Standing]:
    """Every model, with what speaks against it here."""
    use = use_of(production)
    return [
        Standing(row, finding_of(row), tuple(worded(reason) for reason in reasons(licence_of(row), use)))
        for row in RegisteredModel.objects.select_related("approved_by")
    ]


# -- inside


def _may(actor: Any, production: Production | None) -> None:
    if production is not None:
        policy.require(actor, Action.CONSENT, production)


def _now() -> datetime:
    return datetime.now(UTC)


def _dtype(folder: Path, found: manifest.Manifest) -> str:
    """The number form its largest weights are kept in: what it is drawn in unless told otherwise."""
    weights = [folder / name for name in found.files if name.endswith(manifest.WEIGHTS)]
    header = manifest.safetensors_header(max(weights, key=lambda path: path.stat().st_size))
    kinds = {part["dtype"] for name, part in header.items() if name != "__metadata__"}
    return "bfloat16" if "BF16" in kinds else "float16" if "F16" in kinds else "float32"


def _checked(papers: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(papers) - set(PAPERS)):
        raise Invalid(_("Unknown: %(names)s.") % {"names": ", ".join(unknown)})
    values = {name: value for name, value in papers.items() if value not in (None, "")}
    if not str(values.get("licence", "")).strip() or not str(values.get("source", "")).strip():
        raise Invalid(_("Say under which licence the model comes, and from where: the release gate asks for both."))
    if values.get("commercial", "unclear") not in RegisteredModel.Commercial.values:
        raise Invalid(_("Commercial use is yes, no or unclear."))
    if values.get("dtype", "float32") not in ("float32", "float16", "bfloat16"):
        raise Invalid(_("The number form is float32, float16 or bfloat16."))
    for name in ("territories_allowed", "territories_forbidden"):
        codes = [str(code).strip().upper() for code in values.get(name) or []]
        if any(not CODE.fullmatch(code) for code in codes):
            raise Invalid(_("Territories are two-letter codes such as CN, US or EU."))
        values[name] = codes
    return values


def _enter(verb: str, model: RegisteredModel, actor: Any, production: Production | None) -> None:
    """Into the books: of the production where it was done, else of every one (a model is the whole house's)."""
    chosen = [production] if production is not None else list(Production.objects.all())
    data = {
        "name": model.name, "manifest": model.manifest_sha256, "licence": model.licence,
        "commercial": model.commercial, "random_weights": model.random_weights,
    }  # fmt: skip
    for one in chosen:
        record(verb, production_id=one.pk, subject=model, actor=actor, code=model.name[:80], data=data)
