"""Append to the books; sign and anchor their heads."""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import models, transaction

from studio.core import events
from studio.core.canonical import canonical
from studio.ledger.models import Chain, Entry


@transaction.atomic
def record(
    verb: str,
    *,
    production_id: UUID,
    subject: models.Model,
    actor: Any = None,
    made_from: Iterable[str] = (),
    cost_minor: int | None = None,
    data: dict[str, Any] | None = None,
    code: str = "",
) -> Entry:
    """Enter one act in the production's chain and, after the commit, tell its open pages which subject changed.

    verb: `take.circled`; made_from: sha256 digests; cost_minor: integer minor units of the production's currency;
    data: JSON without floats. `actor` None means the house itself (a job). Source of the scheme: DESIGN, "Books".
    """
    Chain.objects.get_or_create(production_id=production_id)
    chain = Chain.objects.select_for_update().get(pk=production_id)
    entry = Entry(
        production_id=production_id,
        seq=chain.seq + 1,
        at=datetime.now(UTC),
        verb=verb,
        subject_type=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        subject_code=code or str(getattr(subject, "code", "") or ""),
        actor_id=getattr(actor, "pk", None),
        actor_name=str(getattr(actor, "name", "") or ""),
        made_from=sorted(made_from),
        cost_minor=cost_minor,
        data=json.loads(canonical(data or {})),
        prev=chain.head,
    )
    entry.hash = chained(chain.head, entry)
    entry.save(force_insert=True)
    Chain.objects.filter(pk=production_id).update(seq=entry.seq, head=entry.hash)
    events.publish(production_id, entry.change())
    return entry


def chained(prev: str, entry: Entry) -> str:
    return hashlib.sha256(prev.encode() + canonical(entry.payload())).hexdigest()


def verify(production_id: UUID) -> list[str]:
    """Walk the chain; return one sentence per break (empty: whole)."""
    breaks, prev, seq = [], "0" * 64, 0
    for entry in Entry.objects.filter(production_id=production_id).order_by("seq").iterator():
        seq += 1
        if entry.seq != seq:
            breaks.append(f"Entry {seq} is missing: the next one found is {entry.seq}.")
            seq = entry.seq
        if entry.prev != prev or chained(entry.prev, entry) != entry.hash:
            breaks.append(f"Entry {entry.seq} ({entry.verb}) does not match its hash.")
        prev = entry.hash
    chain = Chain.objects.filter(pk=production_id).first()
    if chain and (chain.head != prev or chain.seq != seq):
        breaks.append(f"The head says entry {chain.seq}, the chain ends at {seq}.")
    return breaks


def signing_key() -> Ed25519PrivateKey:
    """This server's key, made at first use, 0600 in the data folder."""
    path = Path(settings.KEY_HOME) / "ledger_ed25519.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        fresh = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(pem)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        fresh.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def anchor(production_id: UUID) -> dict[str, Any]:
    """Sign the chain's head and append it to the anchor file outside the database.

    The signature proves that this server recorded this head, nothing more.
    """
    chain = Chain.objects.get(pk=production_id)
    statement = {
        "production": str(production_id),
        "seq": chain.seq,
        "head": chain.head,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    line = statement | {"signature": signing_key().sign(canonical(statement)).hex()}
    path = anchor_path(production_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        handle.write(json.dumps(line, sort_keys=True) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    return line


def anchor_changed() -> int:
    """Anchor each production's head that moved since its last anchor. Returns how many."""
    count = 0
    for chain in Chain.objects.filter(seq__gt=0):
        path = anchor_path(chain.production_id)
        last = path.read_text().splitlines()[-1:] if path.exists() else []
        if not last or json.loads(last[0])["head"] != chain.head:
            anchor(chain.production_id)
            count += 1
    return count


def anchor_path(production_id: UUID) -> Path:
    return Path(settings.HOME) / "anchors" / f"{production_id}.jsonl"


def verify_anchors(production_id: UUID) -> list[str]:
    """Hold the anchor file against the chain: a rewritten history no longer contains the heads once signed."""
    path = anchor_path(production_id)
    if not path.exists():
        return []
    public = signing_key().public_key()
    hashes = dict(Entry.objects.filter(production_id=production_id).values_list("seq", "hash"))
    faults = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        line = json.loads(text)
        signature = bytes.fromhex(line.pop("signature"))
        try:
            public.verify(signature, canonical(line))
        except Exception:
            faults.append(f"Anchor line {number} was not signed by this server.")
            continue
        if hashes.get(line["seq"], "0" * 64) != line["head"]:
            faults.append(f"Anchor line {number}: entry {line['seq']} is no longer what was signed.")
    return faults
