"""`manage.py models add|verify|list|remove`: the registry of learned models, for whoever looks after the machine."""

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compositing.errors import EngineError
from studio.accounts.models import User
from studio.core.errors import DomainError
from studio.generation import registry
from studio.generation.models import RegisteredModel


class Command(BaseCommand):
    help = "Register learned models with their licence, verify their files, list them."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        adding = acts.add_parser("add", help="register a folder (or a ComfyUI workflow) with its papers")
        adding.add_argument("name", help="small letters, digits, hyphens: the folder's name below the models folder")
        adding.add_argument("--from", dest="source_folder", type=Path, help="copy the model from this folder first")
        adding.add_argument("--workflow", type=Path, help="a ComfyUI workflow in its API form, instead of a folder")
        adding.add_argument("--bind", action="append", default=[], metavar="SETTING=NODE.INPUT")
        self._papers(adding)
        verifying = acts.add_parser("verify", help="hold folders against their manifests")
        verifying.add_argument("name", nargs="*", help="default: all")
        acts.add_parser("list", help="what is registered, and which folders are not")
        removing = acts.add_parser("remove", help="strike a model; its folder stays")
        removing.add_argument("name")
        removing.add_argument("--by", required=True, metavar="EMAIL")

    def _papers(self, parser: ArgumentParser) -> None:
        parser.add_argument("--licence", required=True, help="such as Apache-2.0")
        parser.add_argument("--licence-url", default="")
        parser.add_argument("--commercial", choices=["yes", "no", "unclear"], default="unclear")
        parser.add_argument("--allowed-in", nargs="*", default=[], metavar="CC", help="CN US EU; none: everywhere")
        parser.add_argument("--forbidden-in", nargs="*", default=[], metavar="CC", help="EU GB KR")
        parser.add_argument("--source", required=True, help="where the files were downloaded, and when")
        parser.add_argument("--approved-by", required=True, metavar="EMAIL", help="who read the licence")
        parser.add_argument("--title", default="")
        parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="")
        parser.add_argument("--random-weights", action="store_true", help="for trying out; can never be released")

    def handle(self, *_args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, act)(**options)
        except (EngineError, DomainError) as error:
            raise CommandError(str(error)) from error

    def add(
        self, *, name: str, source_folder: Path | None, workflow: Path | None, bind: list[str], **said: Any
    ) -> None:
        papers = {
            "licence": said["licence"], "licence_url": said["licence_url"], "commercial": said["commercial"],
            "territories_allowed": said["allowed_in"], "territories_forbidden": said["forbidden_in"],
            "source": said["source"], "title": said["title"], "dtype": said["dtype"],
            "random_weights": said["random_weights"], "approved_by": self._person(said["approved_by"]),
        }  # fmt: skip
        if workflow is not None:
            try:
                graph = json.loads(workflow.read_text())
            except (OSError, ValueError) as error:
                raise CommandError(f"{workflow} cannot be read as JSON: {error}") from error
            row = registry.add_workflow(name=name, graph=graph, bind=dict(one.split("=", 1) for one in bind), **papers)
        else:
            if source_folder is not None:
                self._copy(source_folder, name)
            row = registry.add(name=name, **papers)
        self.stdout.write(f"{row.name}: {row.family or row.kind}, {row.size} bytes, manifest {row.manifest_sha256}")

    def _copy(self, source: Path, name: str) -> None:
        """Into the models folder under another name first: a copy that breaks off is no model."""
        to = registry.folder_of(name)
        if to.exists():
            raise CommandError(f"{to} exists already. Register it without --from, or choose another name.")
        part = to.with_name(f".{name}.part")
        shutil.rmtree(part, ignore_errors=True)
        # What download tools leave beside a model is no part of it.
        shutil.copytree(source, part, ignore=shutil.ignore_patterns(".git*", ".cache", ".huggingface"))
        part.rename(to)

    def verify(self, *, name: list[str], **_options: Any) -> None:
        rows = RegisteredModel.objects.filter(name__in=name) if name else RegisteredModel.objects.all()
        if missing := sorted(set(name) - {row.name for row in rows}):
            raise CommandError(f"Not in the registry: {', '.join(missing)}.")
        bad = 0
        for row in rows:
            registry.verify(model=row)
            bad += row.state != RegisteredModel.State.VERIFIED
            self.stdout.write(f"{row.name}: {row.state}. {registry.finding_of(row)}")
        if bad:
            raise SystemExit(1)

    def list(self, **_options: Any) -> None:
        for row in RegisteredModel.objects.select_related("approved_by"):
            flags = " RANDOM WEIGHTS" if row.random_weights else ""
            self.stdout.write(
                f"{row.name}  {row.family or row.kind}  {row.state}  {row.licence} (commercial: {row.commercial}"
                f"{', not in ' + ' '.join(row.territories_forbidden) if row.territories_forbidden else ''})  "
                f"approved by {row.approved_by or 'nobody'}{flags}"
            )
        for folder in registry.found_folders():
            self.stdout.write(f"{folder}  not registered: manage.py models add {folder} --licence ... --source ...")

    def remove(self, *, name: str, by: str, **_options: Any) -> None:
        row = RegisteredModel.objects.filter(name=name).first()
        if row is None:
            raise CommandError(f"Not in the registry: {name}.")
        registry.remove(actor=self._person(by), model=row)
        self.stdout.write(f"{name} is struck; its folder is still there.")

    def _person(self, email: str) -> User:
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return person
