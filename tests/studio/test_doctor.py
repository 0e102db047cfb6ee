"""`manage.py doctor` and what it says."""

import hashlib
import io
import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.db.migrations.executor import MigrationExecutor

from compositing.io import provenance
from studio.generation import registry
from studio.pipeline import doctor
from tests.cast import make_user
from tests.modelhost.folders import pipeline

Usage = namedtuple("Usage", "total used free")


@pytest.mark.django_db
def test_doctor_names_everything_it_was_asked_to_look_at(settings: Any) -> None:
    told = io.StringIO()
    call_command("doctor", stdout=told)
    lines = told.getvalue().splitlines()
    asked = ("disk", "database", "queue", "codecs", "fonts", "GPU", "models", "person hint", "certificate", "HTTPS")
    for about in asked:
        assert any(f"  {about}: " in line for line in lines), f"{about} is not in {lines}"


def test_the_person_hint_is_said_to_be_there_or_what_its_absence_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    lacking = doctor.person_hint()
    assert lacking.state == "lacking" and "hints install" in lacking.remedy and "without a screen" in lacking.means
    monkeypatch.setattr(doctor.hints, "ACCEPTED", (hashlib.sha256(b"network").hexdigest(),))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / doctor.hints.NAME).write_bytes(b"network")
    assert doctor.person_hint().state == "ok"


def test_unreachable_queue_is_broken_and_ends_with_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "cache", Unreachable())
    finding = doctor.queue()
    assert finding.state == "broken" and "line is dead" in finding.found and "./run" in finding.remedy
    monkeypatch.setattr("studio.pipeline.management.commands.doctor.examine", lambda: [finding])
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=io.StringIO(), stderr=io.StringIO())
    assert ended.value.code == 1


class Unreachable:
    def set(self, *_: object) -> None:
        raise ConnectionError("line is dead")


def test_little_room_says_what_will_fail(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, 2**30))
    finding = doctor.disk()
    assert finding.state == "lacking" and finding.found.startswith("1.0 GB free") and "uploads" in finding.means


def write_certificate(path: Path, ends: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "An Authority")])
    studio = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "A Studio")])
    builder = x509.CertificateBuilder(issuer_name=authority, subject_name=studio, public_key=key.public_key())
    builder = builder.serial_number(1).not_valid_before(ends - timedelta(days=30)).not_valid_after(ends)
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def test_certificate_is_judged_by_its_date_and_its_maker(settings: Any, tmp_path: Path) -> None:
    settings.KEY_HOME = tmp_path
    assert "none yet" in doctor.certificate().found
    folder = tmp_path / "c2pa"
    provenance.make_identity(folder)
    made_here = doctor.certificate()
    assert made_here.state == "lacking" and "made by this server" in made_here.found
    write_certificate(folder / "c2pa_chain.pem", datetime.now(UTC) + timedelta(days=30))
    assert doctor.certificate().state == "ok"
    write_certificate(folder / "c2pa_chain.pem", datetime.now(UTC) - timedelta(days=1))
    assert doctor.certificate().state == "broken" and "cannot be signed" in doctor.certificate().means


@pytest.mark.django_db
def test_missing_migrations_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.database().state == "ok"
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("accounts.0099", False)])
    finding = doctor.database()
    assert finding.state == "broken" and "1 migrations to do" in finding.found


@pytest.mark.django_db
def test_a_gpu_that_torch_cannot_use_is_said(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MODEL_HOME = tmp_path / "models"
    monkeypatch.setattr(doctor, "libraries", lambda: "torch 2.13.0+cpu, diffusers 0.42.1")
    assert "CUDA" not in doctor.models().remedy
    monkeypatch.setattr(doctor, "gpu", lambda: doctor.Finding("GPU", "ok", "NVIDIA H100"))
    told = doctor.models().remedy
    assert told.startswith("1. Delete .venv-worker") and "CUDA" in told and "2. Choose a model" in told


@pytest.mark.django_db
def test_somebody_with_a_gpu_and_no_model_is_told_every_step(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODEL_HOME = tmp_path / "models"
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    assert f"HUO_HOME={tmp_path} .venv/bin/python manage.py models add" in doctor.models().remedy
    told = doctor.models()
    assert told.state == "lacking"
    for step in (
        "safetensors",
        str(tmp_path / "models"),
        "models add NAME",
        "--licence",
        "--approved-by",
        "commercial",
    ):
        assert step in told.remedy
    pipeline(settings.MODEL_HOME / "night-city")
    assert "models add night-city" in doctor.models().remedy
    papers = {"licence": "CC-BY-NC-4.0", "source": "the vendor", "commercial": "no"}
    row = registry.add(approved_by=make_user("priya"), name="night-city", **papers)
    told = doctor.models()
    assert "night-city (sdxl, CC-BY-NC-4.0)" in told.found
    (settings.MODEL_HOME / "night-city" / "vae" / "config.json").write_text("[]")
    registry.verify(model=row)
    assert doctor.models().state == "broken" and "models verify night-city" in doctor.models().remedy
