"""The release gate: facts in, checks out. Pure; each check says what blocks and what to open to mend it."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from studio.core.canonical import digest
from studio.releases.labels import Duty, LayerFacts, duty, meets

PASS, BLOCK, WAIVED = "pass", "block", "waived"
# Whose word may waive a check; a check that is not here can't be waived. Source: DESIGN, "Who may".
COST, CREATIVE, LEGAL = "cost", "creative", "legal"
# What speaks against a model, worst first (studio.generation.licensing), and what can't be waived.
RANDOM = "random_weights"
WORST = ("not_commercial", "territory", "unknown", "territories_unsaid", "commercial_unclear", "unapproved")
WAIVABLE = {
    "budget": COST,
    "must_notes": CREATIVE,
    "filing": LEGAL,
    "consent": LEGAL,
    "licences": LEGAL,
    "models": LEGAL,
}


@dataclass(frozen=True)
class ConsentFacts:
    """An actor's layer: likeness and reference "" where nobody is named or nothing is on file. forbidden: a learned
    model made the layer, and the consent does not allow that."""

    layer: str
    likeness: str = ""
    reference: str = ""
    until: date | None = None
    forbidden: bool = False


@dataclass(frozen=True)
class ItemFacts:
    """One shot of the cut. approved_sha256: the media that the standing approval saw ("" without one). licences:
    (layer, licence) pairs; consents: those of the actors on screen; must_notes: those not verified."""

    shot: str
    version: str
    head: str
    state: str
    media_sha256: str
    approved_sha256: str
    width: int
    height: int
    fps_num: int
    fps_den: int
    frame_count: int
    frame_in: int
    frame_out: int
    must_notes: int
    layers: tuple[LayerFacts, ...]
    licences: tuple[tuple[str, str], ...] = ()
    consents: tuple[ConsentFacts, ...] = ()
    # (layer, code, sentence's parameters) of what speaks against the learned models that drew its layers
    models: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def frames(self) -> int:
        return self.frame_out - self.frame_in + 1


@dataclass(frozen=True)
class Facts:
    """width, height, fps: the production's. measured: found in the conformed master, empty before there is one.
    waived: fingerprints of checks that somebody with the right waived."""

    items: tuple[ItemFacts, ...]
    width: int
    height: int
    fps_num: int
    fps_den: int
    filing_number: str
    filing_pattern: str
    label_added: bool
    today: date
    spent_minor: int | None = None
    budget_minor: int | None = None
    content_producer: str = ""
    measured: dict[str, Any] = field(default_factory=dict)
    waived: Collection[str] = ()


@dataclass(frozen=True)
class Check:
    """`code` is worded by `sentences.py`; `shots` are the shots to open; `target` names the page that mends it."""

    code: str
    state: str
    why: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    shots: tuple[str, ...] = ()
    target: str = ""

    @property
    def fingerprint(self) -> str:
        """What a waiver is bound to: the finding, not only its name. (What was spent grows daily.)"""
        params = {name: value for name, value in self.params.items() if name != "spent_minor"}
        return digest([self.code, self.why, params, list(self.shots)])

    def plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "state": self.state,
            "why": self.why,
            "params": self.params,
            "shots": list(self.shots),
            "target": self.target,
            "fingerprint": self.fingerprint,
        }


def duty_of(facts: Facts) -> Duty:
    return duty(layer for item in facts.items for layer in item.layers)


def label_due(facts: Facts) -> bool:
    """Whether the master carries the burned label: owed by a layer, or added by compliance."""
    return facts.label_added or duty_of(facts).required


def check(facts: Facts) -> list[Check]:
    """Every check, in the order people fix them. Those on the master come once there is one."""
    checks = [
        _cut(facts),
        _approved(facts),
        _heads(facts),
        _bytes(facts),
        _notes(facts),
        _format(facts),
        _frames(facts),
        _licences(facts),
        _models(facts),
        _random(facts),
        _consent(facts),
        _filing(facts),
        _producer_code(facts),
        _budget(facts),
    ]
    if facts.measured:
        checks += [_master(facts), _label(facts), _implicit(facts), _manifest(facts)]
    return [_waive(one, facts.waived) for one in checks]


def blocked(checks: Iterable[Check]) -> bool:
    return any(one.state == BLOCK for one in checks)


def _waive(one: Check, waived: Collection[str]) -> Check:
    if one.state == BLOCK and one.fingerprint in waived and one.code in WAIVABLE:
        return Check(one.code, WAIVED, one.why, one.params, one.shots, one.target)
    return one


def _verdict(code: str, bad: list[str], why: str, target: str, **params: Any) -> Check:
    shots = tuple(dict.fromkeys(bad))
    return Check(code, BLOCK if bad else PASS, why if bad else "", params, shots, target)


def _cut(facts: Facts) -> Check:
    return Check("cut", PASS if facts.items else BLOCK, "" if facts.items else "empty", target="cut")


def _approved(facts: Facts) -> Check:
    return _verdict("approved", [item.shot for item in facts.items if item.state != "approved"], "unapproved", "review")


def _heads(facts: Facts) -> Check:
    return _verdict("head", [item.shot for item in facts.items if item.version != item.head], "newer_head", "cut")


def _bytes(facts: Facts) -> Check:
    bad = [item.shot for item in facts.items if not item.media_sha256 or item.media_sha256 != item.approved_sha256]
    return _verdict("bytes", bad, "not_what_was_approved", "review")


def _notes(facts: Facts) -> Check:
    bad = [item.shot for item in facts.items if item.must_notes]
    return _verdict("must_notes", bad, "open", "review", count=sum(item.must_notes for item in facts.items))


def _format(facts: Facts) -> Check:
    shape = (facts.width, facts.height, facts.fps_num, facts.fps_den)
    bad = [item.shot for item in facts.items if (item.width, item.height, item.fps_num, item.fps_den) != shape]
    if facts.width * 16 != facts.height * 9:
        return Check("format", BLOCK, "not_9_16", {"width": facts.width, "height": facts.height}, target="production")
    return _verdict("format", bad, "differs", "comp", width=facts.width, height=facts.height)


def _frames(facts: Facts) -> Check:
    bad = [item.shot for item in facts.items if not 0 <= item.frame_in <= item.frame_out < item.frame_count]
    return _verdict("frames", bad, "outside", "cut", count=sum(item.frames for item in facts.items))


def _licences(facts: Facts) -> Check:
    missing = [(item.shot, layer) for item in facts.items for layer, licence in item.licences if not licence.strip()]
    layers = ", ".join(f"{shot} {layer}" for shot, layer in missing)
    return _verdict("licences", [shot for shot, _ in missing], "missing", "shot", layers=layers)


def _models(facts: Facts) -> Check:
    """Licences of the models that drew: each as it stands now, not as it stood when the draw was made."""
    found = [
        (item.shot, layer, code, dict(params))
        for item in facts.items
        for layer, code, params in item.models
        if code != RANDOM
    ]
    if not found:
        return Check("models", PASS)
    shots = tuple(dict.fromkeys(shot for shot, *_rest in found))
    worst = min(found, key=lambda one: WORST.index(one[2]) if one[2] in WORST else len(WORST))
    names = ", ".join(dict.fromkeys(f"{shot} {layer}" for shot, layer, *_rest in found))
    return Check("models", BLOCK, worst[2], worst[3] | {"layers": names}, shots, "models")


def _random(facts: Facts) -> Check:
    """Pictures of a model with random weights are for trying out; nobody can waive that."""
    bad = [item.shot for item in facts.items for _layer, code, _params in item.models if code == RANDOM]
    return _verdict("random_weights", bad, "there", "shot")


def _consent(facts: Facts) -> Check:
    bad, whys, names = [], set(), []
    for item in facts.items:
        for one in item.consents:
            why = (
                "nobody_named" if not one.likeness else "no_consent" if not one.reference
                else "expired" if one.until is not None and one.until < facts.today
                else "no_alteration" if one.forbidden else ""
            )  # fmt: skip
            if why:
                bad.append(item.shot)
                whys.add(why)
                names.append(f"{item.shot} {one.likeness or one.layer}")
    first = next((why for why in ("nobody_named", "no_consent", "expired", "no_alteration") if why in whys), "")
    return _verdict("consent", bad, first, "shot" if first == "nobody_named" else "consents", names=", ".join(names))


def _filing(facts: Facts) -> Check:
    number = facts.filing_number.strip()
    if not number:
        return Check("filing", BLOCK, "missing", target="production")
    if facts.filing_pattern and not re.fullmatch(facts.filing_pattern, number):
        return Check("filing", BLOCK, "unfit", {"number": number}, target="production")
    return Check("filing", PASS, params={"number": number})


def _producer_code(facts: Facts) -> Check:
    """The implicit label names its producer by a 27-character code; without an AI-made layer none is written."""
    if not label_due(facts):
        return Check("producer_code", PASS, "not_needed")
    code = facts.content_producer.strip()
    fits = len(code) == 27 and code.isascii() and code.isalnum()
    return Check(
        "producer_code",
        PASS if fits else BLOCK,
        "" if fits else "unfit",
        {"code": code},
        target="production",
    )


def _budget(facts: Facts) -> Check:
    if facts.spent_minor is None or facts.budget_minor is None:
        return Check("budget", PASS, "unknown")
    over = facts.spent_minor > facts.budget_minor
    params = {"spent_minor": facts.spent_minor, "budget_minor": facts.budget_minor}
    return Check("budget", BLOCK if over else PASS, "over" if over else "", params, target="ledger")


def _master(facts: Facts) -> Check:
    seen, frames = facts.measured, sum(item.frames for item in facts.items)
    wanted = (frames, facts.width, facts.height, facts.fps_num, facts.fps_den)
    found = tuple(seen.get(name) for name in ("frame_count", "width", "height", "fps_num", "fps_den"))
    params = {"frames": seen.get("frame_count"), "wanted": frames}
    return Check(
        "master", PASS if found == wanted else BLOCK, "" if found == wanted else "differs", params, target="release"
    )


def _label(facts: Facts) -> Check:
    if not label_due(facts):
        return Check("label", PASS, "not_due")
    fits = meets(facts.measured, facts.width, facts.height, facts.fps_num, facts.fps_den)
    params = {name: facts.measured.get(name) for name in ("label_height_px", "label_frames")}
    return Check("label", PASS if fits else BLOCK, "" if fits else "too_small", params, target="release")


def _implicit(facts: Facts) -> Check:
    has = bool(facts.measured.get("aigc"))
    if not label_due(facts):
        return Check("implicit", PASS, "not_due")
    return Check("implicit", PASS if has else BLOCK, "" if has else "missing", target="release")


def _manifest(facts: Facts) -> Check:
    manifest = facts.measured.get("manifest") or {}
    good = bool(manifest.get("valid") and manifest.get("trusted"))
    return Check(
        "manifest",
        PASS if good else BLOCK,
        "" if good else "invalid",
        {"state": manifest.get("state", "absent")},
        target="release",
    )
