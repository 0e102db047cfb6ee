"""Hold a film's bytes against the books: which release it is, who signed it, whether anything differs."""

from dataclasses import asdict, dataclass, field
from typing import Any

from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.releases import labels, manifest
from studio.releases.models import Release, Signature
from studio.releases.snapshot import frames_of
from studio.releases.standing import HANDS

STANDING = (Release.State.SEALED, Release.State.PUBLISHED)


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `code` and `why` are worded by `sentences.py`. why: "" where it is as it should be."""

    code: str
    why: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not self.why

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def release_of(sha256: str) -> Release | None:
    """The release whose master these bytes are; the one that holds it now before one that once did."""
    rows = Release.objects.select_related("episode__production", "master")
    now = rows.filter(master_id=sha256).order_by("-number").first()
    if now is not None:
        return now
    once = Signature.objects.filter(master_sha256=sha256).order_by("-created_at").first()
    return rows.get(pk=once.release_id) if once else None


def examine(sha256: str, seen: dict[str, Any] | None, read: dict[str, Any], error: str = "") -> list[Finding]:
    """Everything there is to hold against the books. seen: `verify_media`'s answer, None (with `error`) for a file that
    is no film; read: `read_manifest`'s."""
    release = release_of(sha256)
    said = read["assertions"].get(manifest.ASSERTION) or {}
    if release is None:
        claim = {"claim": _claim(said)}
        findings = [Finding("books", "unknown_claims" if claim["claim"] else "unknown", claim), _manifest(read)]
        return findings if seen else [*findings, Finding("film", "unreadable", {"error": error})]
    where = {
        "production": release.episode.production.title, "episode": release.episode.code, "number": release.number,
    }  # fmt: skip
    findings = [Finding("books", params=where), _standing(release, sha256), _manifest(read)]
    same = said.get("release") == str(release.pk) and said.get("cut_digest") == release.cut_digest
    findings.append(Finding("claims", "" if same else "others"))
    findings += _film(release, seen) if seen else [Finding("film", "unreadable", {"error": error})]
    return [*findings, _signatures(release, sha256), _chain(release, sha256)]


def _claim(said: dict[str, Any]) -> str:
    words = (said.get("production"), said.get("episode"), said.get("number"))
    return " ".join(str(word) for word in words if word)


def _standing(release: Release, sha256: str) -> Finding:
    params = {"state": release.state}
    if release.master_id != sha256:
        return Finding("standing", "replaced", params)
    if release.state == Release.State.WITHDRAWN:
        return Finding("standing", "withdrawn", params | {"reason": release.withdraw_reason})
    return Finding("standing", "" if release.state in STANDING else "unsealed", params)


def _manifest(read: dict[str, Any]) -> Finding:
    why = (
        "absent"
        if not read["present"]
        else "invalid"
        if not read["valid"]
        else "stranger"
        if not read["trusted"]
        else ""
    )
    return Finding("manifest", why, {"state": read["state"], "problems": ", ".join(read["problems"][:4])})


def _film(release: Release, seen: dict[str, Any]) -> list[Finding]:
    inputs, wanted = release.inputs, frames_of(release.items)
    shape = ("width", "height", "fps_num", "fps_den")
    same = seen["frame_count"] == wanted and all(seen[name] == inputs[name] for name in shape)
    damaged = bool(seen["corrupt_frames"]) or seen["vfr"]
    frames = Finding(
        "frames", "damaged" if damaged else "" if same else "differ", {"frames": seen["frame_count"], "wanted": wanted}
    )
    held = release.measured.get("aigc")
    key = Finding("aigc", "" if seen["aigc"] == held and not seen["aigc_error"] else "differs" if held else "unasked")
    if not held and key.good:
        key = Finding("aigc", params={"none": True})
    label = {"label_height_px": seen["label"]["height_px"], "label_frames": seen["label"]["frames"]}
    burned = Finding("label", params={**label, "none": not inputs["label"]})
    if inputs["label"] and not labels.meets(label, *(inputs[name] for name in shape)):
        burned = Finding("label", "too_small", label)
    return [frames, key, burned]


def _signatures(release: Release, sha256: str) -> Finding:
    rows = release.signatures.filter(master_sha256=sha256).select_related("signer").order_by("created_at")
    names = ", ".join(f"{row.signer.name} ({row.get_role_display()})" for row in rows)
    missing = {str(hand) for hand in HANDS} - {row.role for row in rows}
    return Finding("signatures", "missing" if missing else "", {"names": names or "–"})


def _chain(release: Release, sha256: str) -> Finding:
    production = release.episode.production_id
    breaks = [*ledger.verify(production), *ledger.verify_anchors(production)]
    if breaks:
        return Finding("chain", "broken", {"first": breaks[0], "count": len(breaks)})
    sealed = Entry.objects.filter(production_id=production, verb="release.sealed", subject_id=str(release.pk)).last()
    if sealed is None or sealed.data.get("master") != sha256:
        return Finding("chain", "not_entered")
    return Finding("chain", params={"entry": sealed.seq, "at": sealed.at.strftime("%Y-%m-%d %H:%M UTC")})
