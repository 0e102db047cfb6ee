"""C2PA manifests: sign a finished film with this studio's own certificate, and read one back against its anchor.

A self-made root proves to whoever trusts this studio that it signed the film; nobody else's validator knows it.
Source: C2PA specification 2.x; the settings below by measurement (an appended `free` box must not go unnoticed).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Reader, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from compositing.checks import existing
from compositing.errors import Refused

FORMAT = "video/mp4"
YEARS = 10
KEY, CHAIN, ANCHOR = "c2pa_key.pem", "c2pa_chain.pem", "c2pa_anchor.pem"
Report = Callable[[int, int, str], None]


def make_identity(folder: Path, name: str = "Huo Studio") -> None:
    """A root and a signing certificate under it, once per studio; the keys are readable by their owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if all((folder / file).exists() for file in (KEY, CHAIN, ANCHOR)):
        return
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, leaf_name = _name(f"{name} Root", name), _name(f"{name} Signer", name)
    usage = _usage(sign=True, certify=True)
    root = _certificate(root_name, root_name, root_key.public_key(), root_key.public_key())
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(usage, True)
    root_cert = root.sign(root_key, hashes.SHA256())
    leaf = _certificate(leaf_name, root_name, key.public_key(), root_key.public_key())
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(sign=True, certify=False), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    leaf_cert = leaf.sign(root_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # The root's key is not kept: nothing else will ever be signed by it.
    for file, data in (
        (CHAIN, leaf_cert.public_bytes(pem) + root_cert.public_bytes(pem)),
        (ANCHOR, root_cert.public_bytes(pem)),
        (KEY, private),  # last: a folder with a key is complete
    ):
        fresh = folder / f".{file}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(data)
        fresh.replace(folder / file)


def _name(common: str, organisation: str) -> x509.Name:
    parts = [(NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organisation)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _usage(*, sign: bool, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, key_cert_sign=certify, crl_sign=certify, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _certificate(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def sign(source: Path, out: Path, manifest: dict[str, Any], keys: Path) -> None:
    """Write `source` with a signed C2PA manifest to `out`. manifest: a C2PA manifest definition (claim, assertions).

    Raises Refused where the film cannot carry one.
    """
    make_identity(keys)
    info = C2paSignerInfo(
        alg=C2paSigningAlg.ES256,
        sign_cert=(keys / CHAIN).read_bytes(),
        private_key=(keys / KEY).read_bytes(),
        ta_url=None,  # offline: no time-stamp authority
    )
    settings = {
        # Otherwise a `free` box appended later is excluded from the hash and goes unnoticed.
        "builder": {"bmff_hash_exclude_free_and_skip_boxes": False, "thumbnail": {"enabled": False}},
        "trust": {"trust_anchors": (keys / ANCHOR).read_text()},
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    }
    part = out.with_name(f".{out.name}.part")
    try:
        with (
            Signer.from_info(info) as signer,
            Context.from_dict(settings) as context,
            Builder(json.dumps(manifest), context) as builder,
            source.open("rb") as film,
            part.open("w+b") as made,
        ):
            builder.sign(signer, FORMAT, film, made)
    except C2paError as error:
        part.unlink(missing_ok=True)
        raise Refused(f"The film could not be signed: {error}", code="not_signed") from error
    part.replace(out)


def read_manifest(path: Path, anchor: Path | None) -> dict[str, Any]:
    """What a film's manifest says, held against `anchor` (PEM of the roots to trust).

    Gives {"present", "valid", "trusted", "state", "problems" [codes], "title", "issuer", "assertions" {label: data},
    "ingredients"}. valid: the bytes are those that were signed; trusted: by a certificate under the anchor.
    """
    nothing: dict[str, Any] = {
        "present": False, "valid": False, "trusted": False, "state": "absent", "problems": [], "title": "",
        "issuer": "", "assertions": {}, "ingredients": [],
    }  # fmt: skip
    trust = {"trust_anchors": anchor.read_text()} if anchor and anchor.exists() else {}
    settings = {"trust": trust, "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
    try:
        with (
            Context.from_dict(settings) as context,
            path.open("rb") as film,
            Reader(FORMAT, film, context=context) as reader,
        ):
            store, state = json.loads(reader.json()), str(reader.get_validation_state() or "")
    except C2paError as error:
        if "ManifestNotFound" in f"{type(error).__name__}{error}" or "no JUMBF" in str(error):
            return nothing
        return nothing | {"present": True, "state": "unreadable", "problems": [str(error)]}
    active = store.get("manifests", {}).get(store.get("active_manifest"), {})
    results = store.get("validation_results", {}).get("activeManifest", {})
    problems = [str(failure.get("code")) for failure in results.get("failure", [])]
    untrusted = {"signingCredential.untrusted"}
    return {
        "present": bool(active),
        "valid": state in ("Valid", "Trusted") or (bool(active) and set(problems) <= untrusted),
        "trusted": state == "Trusted",
        "state": state or "unknown",
        "problems": problems,
        "title": active.get("title") or "",
        "issuer": (active.get("signature_info") or {}).get("issuer") or "",
        "assertions": {item["label"]: item.get("data") for item in active.get("assertions", [])},
        "ingredients": [
            {"title": item.get("title", ""), "instance_id": item.get("instance_id", "")}
            for item in active.get("ingredients", [])
        ],
    }


def sign_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `sign`: {"path", "out", "manifest", "keys"} -> {"path"}. keys: the studio's folder of certificates."""
    out = Path(str(args["out"]))
    sign(existing(args), out, dict(args["manifest"]), Path(str(args["keys"])))
    report(1, 1, "signed")
    return {"path": str(out)}


def read_manifest_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `read_manifest`: {"path", "keys"} -> see `read_manifest`."""
    made = read_manifest(existing(args), Path(str(args["keys"])) / ANCHOR)
    report(1, 1, "read")
    return made
