"""`/api/v1/openapi.json`: what scripts are generated from."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from studio.accounts.services import issue_token
from tests.cast import make_cast, make_user
from tests.factories import make_production

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(Client().get("/api/v1/openapi.json").content)


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(path, method, item) for path, items in document["paths"].items() for method, item in items.items()]


def test_the_document_says_what_it_is(document: Any) -> None:
    assert document["openapi"].startswith("3.1") and document["info"]["title"] and document["info"]["version"] == "1"
    assert {scheme["type"] for scheme in document["components"]["securitySchemes"].values()} == {"http", "apiKey"}


def test_every_operation_has_one_name_a_tag_an_answer_and_asks_for_a_token(document: Any) -> None:
    rows = operations(document)
    names = [item["operationId"] for _path, _method, item in rows]
    assert len(set(names)) == len(names) > 80
    for path, method, item in rows:
        assert method in METHODS and item["responses"] and item["security"] and item["tags"], (method, path)


def test_path_parameters_are_those_in_the_path(document: Any) -> None:
    for path, method, item in operations(document):
        declared = {one["name"] for one in item.get("parameters", ()) if one["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path)), (method, path)
        assert all(one["required"] for one in item.get("parameters", ()) if one["in"] == "path")


def test_every_reference_leads_to_a_schema(document: Any) -> None:
    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*(references(value) for value in part.values()))
        return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()

    found = {name.removeprefix("#/components/schemas/") for name in references(document)}
    assert found <= set(document["components"]["schemas"])


def test_the_documentation_page_runs_under_our_own_content_policy() -> None:
    answer = Client().get("/api/v1/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not re.findall(r"""(?:src|href)=["']https?://""", text), "scripts and styles come from the studio alone"
    assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", text), "the policy forbids inline script"


@pytest.mark.django_db
def test_a_wrong_or_expired_token_is_refused_and_so_is_a_session_without_its_csrf_token() -> None:

    user = make_user("priya")
    token, secret = issue_token(user=user, name="old", days=1)

    def status(secret: str) -> int:
        return Client().get("/api/v1/productions", headers={"Authorization": f"Bearer {secret}"}).status_code

    assert (status(secret), status("huo_nothing"), status("")) == (200, 401, 401)
    token.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    token.save()
    assert status(secret) == 401
    _other, secret = issue_token(user=user, name="new")
    user.is_active = False
    user.save()
    assert status(secret) == 401
    user.is_active = True
    user.save()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    body = {"data": json.dumps({"title": "Forged"}), "content_type": "application/json"}
    assert browser.post("/api/v1/productions", **body).status_code == 403  # type: ignore[arg-type]


@pytest.mark.django_db
def test_errors_are_json_with_a_sentence() -> None:

    production = make_production()
    cast = make_cast(production)
    browser = Client()
    browser.force_login(cast.cleo)
    answer = browser.post(f"/api/v1/productions/{production.slug}/episodes", "{}", content_type="application/json")
    assert answer.status_code == 403
    assert set(answer.json()) == {"error", "code"}
    assert answer.json()["error"].endswith(".")
