"""Who may reach what: every page and every API operation, times eight roles, a stranger and nobody.

The tables in `access/pages.txt` and `access/api.txt` are written by hand. An address they do not list fails.
"""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from studio.accounts.models import User
from studio.comps import previews
from studio.config.api import api
from tests.architecture.access.matrix import MAY, NOT_THERE, SIGN_IN, TOLD_NO, Line, read
from tests.architecture.access.stage import BUDGET, CAP, COST, FOREIGN, LETTERS, SECRET, World, build_both, put

pytestmark = pytest.mark.django_db
PAGES, OPERATIONS = read("pages"), read("api")
# Sign-in, password and second factor: allauth's own pages. Those on the left show a form to anyone; the rest asks for
# a sign-in first.
ALLAUTH_OPEN = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_email_verification_sent",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_email", "account_confirm_login_code", "mfa_authenticate",
}  # fmt: skip
ALLAUTH_MINE = {
    "account_reauthenticate", "account_email", "account_change_password", "account_set_password", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip
# What describes the API holds nobody's data.
API_PAPERS = {"api:openapi-json", "api:openapi-view", "api:api-root"}
# In these addresses `pk` names an object of this kind.
PK = {"footage": "take", "generation": "draw", "pipeline": "job", "takes": "take", "draws": "draw", "jobs": "job",
      "layers": "layer"}  # fmt: skip
ONE_RELEASE = "/productions/{slug}/episodes/{episode}/releases/{number}"
# Addresses that need another object of the stage than the usual one.
OTHERS = {
    "reviews:submit": {"number": 2},
    "comps:submit": {"number": 2},
    "comps:relight_act": {"act": "drop"},
    "comps:preset_restore": {"preset": "gone"},
    "POST /productions/{slug}/comp/presets/{preset}/restore": {"preset": "gone"},
    "POST /productions/{slug}/shots/{code}/versions/{name}/submit": {"name": "v002"},
    "POST /productions/{slug}/shots/{code}/versions/{number}/review": {"number": 2},
    "productions:set_aside": {"act": "hold"},
    "releases:add": {"shot": "approved_path"},
    f"GET {ONE_RELEASE}/verify": {"number": 2},
    **{f"releases:{act}": {"shot": "cut_path"} for act in ("remove", "trim", "take")},
    **{f"releases:{act}": {"number": 2} for act in ("publish", "withdraw", "verify")},
    **{f"POST {ONE_RELEASE}/{act}": {"number": 2} for act in ("publish", "withdraw", "verify")},
    "productions:remove_layer": {"layer_id": "spare"},
    "DELETE /productions/{slug}/shots/{code}/layers/{layer_id}": {"layer_id": "spare"},
    "POST /productions/{slug}/shots/{code}/versions/{name}/cancel": {"code": "planned", "name": "building"},
    "GET /productions/{slug}/layers/{pk}/offers": {"pk": "layer"},
    "GET /productions/{slug}/layers/{pk}/draws": {"pk": "layer"},
    "GET /productions/{slug}/layers/{pk}/fit": {"pk": "layer"},
    "POST /productions/{slug}/layers/{pk}/draws": {"pk": "layer"},
    "POST /productions/{slug}/layers/{pk}/quote": {"pk": "layer"},
    "POST /productions/{slug}/layers/{pk}/plates": {"pk": "layer"},
}
# Where who may is told that it cannot be done now (409, 422): the stage cannot hold every state at once.
STUCK = {
    "POST /productions/{slug}/shots/{code}/restore",
    "POST releases:take",
    "POST comps:relight",
    "POST /productions/{slug}/shots/{code}/comp/relight",
    "POST releases:create",
    "POST /productions/{slug}/episodes/{episode}/releases",
    *(f"POST releases:{act}" for act in ("waive", "conform", "sign", "seal")),
    *(f"POST {ONE_RELEASE}/{act}" for act in ("waive", "conform", "sign", "seal")),
}


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, World, dict[str, Client]]]:
    """Built once, and left as it was after every request: each runs in a savepoint that is taken back."""
    patch = pytest.MonkeyPatch()
    patch.setitem(previews.ask.__kwdefaults__, "wait_s", 0)  # no worker makes a preview here
    logging.disable(logging.WARNING)  # hundreds of refusals, each with its line
    with django_db_blocker.unblock(), transaction.atomic():
        ours, twin, otto = build_both()
        tokens = {letter: ours.tokens[name] for letter, name in LETTERS.items()} | {"S": otto}
        clients: dict[str, Client] = {"N": Client()}
        for letter in tokens:
            clients[letter] = Client()
            user = ours.people[LETTERS[letter]] if letter in LETTERS else _stranger()
            clients[letter].force_login(user)
        for letter, client in clients.items():
            client.raise_request_exception = False
            client.token = tokens.get(letter, "")  # type: ignore[attr-defined]
        yield ours, twin, clients
        transaction.set_rollback(True)
    patch.undo()
    logging.disable(logging.NOTSET)


def _stranger() -> Any:
    return User.objects.get(email="otto@huo.test")


# Everything is listed


def named(patterns: Any = None, prefix: str = "", names: tuple[str, ...] = ()) -> Iterator[tuple[str, str, URLPattern]]:
    """(name with its namespaces, route, pattern) of every address."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            space = (*names, pattern.namespace) if pattern.namespace else names
            yield from named(pattern.url_patterns, route, space)
        else:
            yield ":".join((*names, pattern.name or "?")), route, pattern


def operations() -> set[str]:
    """`GET /productions/{slug}` ... as the OpenAPI document lists them."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, item in api.get_openapi_schema()["paths"].items()
        for method in item
    }


def test_every_page_stands_in_the_matrix() -> None:
    found = {name for name, route, _pattern in named() if not route.startswith(("accounts/", "api/v1/"))}
    listed = {line.name for line in PAGES}
    assert not found - listed, (
        f"No line says who may open {sorted(found - listed)}. "
        "Add one per method to tests/architecture/access/pages.txt."
    )
    assert not listed - found, f"tests/architecture/access/pages.txt lists what is gone: {sorted(listed - found)}."


def test_every_api_operation_stands_in_the_matrix() -> None:
    listed = {str(line) for line in OPERATIONS}
    missing, gone = operations() - listed, listed - operations()
    assert not missing, f"No line says who may call {sorted(missing)}. Add it to tests/architecture/access/api.txt."
    assert not gone, f"tests/architecture/access/api.txt lists what is gone: {sorted(gone)}."


def test_every_sign_in_page_is_known() -> None:
    found = {name for name, route, _pattern in named() if route.startswith("accounts/")}
    assert found == ALLAUTH_OPEN | ALLAUTH_MINE, "Say in test_access.py whether the new sign-in page needs a sign-in."
    api_names = {name for name, route, _pattern in named() if route.startswith("api/v1/")}
    assert {name for name in api_names if "-" in name.split(":")[1]} <= API_PAPERS


@pytest.mark.parametrize("name", sorted(ALLAUTH_MINE))
def test_account_pages_ask_for_a_sign_in(stage: Any, name: str) -> None:
    assert "/accounts/login/" in ask(stage[2]["N"], "GET", reverse(name)).headers.get("Location", "")


def test_nobody_signs_up_without_an_invitation(stage: Any) -> None:
    sent = {"email": "new@huo.test", "password1": "a-long-night-in-the-rain"}
    answer = ask(stage[2]["N"], "POST", reverse("account_signup"), kind="form", body=sent)
    assert "closed" in text_of(answer).lower()


# The matrix


def arguments(line: Line, world: World, route: str) -> dict[str, Any]:
    names = re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>|\{([a-z]\w*)\}", route)
    wanted = [next(filter(None, name)) for name in names]
    given = OTHERS.get(line.name) or OTHERS.get(str(line)) or {}
    found = {}
    for name in wanted:
        area = line.name.split(":")[0] if ":" in line.name else line.name.split("/")[3] if "pk" in wanted else ""
        key = PK[area] if name == "pk" and "pk" not in given else name
        value = given.get(name, world.values.get(key))
        found[name] = world.values.get(value, value) if isinstance(value, str) and name in given else value
    return found


ROUTES = {name: route for name, route, _pattern in named()}


def address(line: Line, world: World, **instead: Any) -> str:
    if ":" in line.name:
        return reverse(line.name, kwargs=arguments(line, world, ROUTES[line.name]) | instead)
    values = arguments(line, world, line.name) | instead
    return "/api/v1" + line.name.format(**values)


def ask(
    client: Client, method: str, url: str, *, kind: str = "", body: Any = None, token: str = ""
) -> HttpResponseBase:
    """One request whose traces are taken back. token: sent as the bearer, without any session."""
    sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
    if kind == "query":
        url += body
    elif kind == "json" or (kind == "" and url.startswith("/api/") and method != "GET"):
        sent |= {"data": json.dumps(body or {}), "content_type": "application/json"}
    elif kind == "form":
        sent |= {"data": body}
    with transaction.atomic():
        answer: HttpResponseBase = getattr(client, method.lower())(url, **sent)
        text_of(answer)
        transaction.set_rollback(True)
    return answer


def text_of(answer: Any) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8", "replace")
    return str(answer.content.decode("utf-8", "replace"))


def cell_of(answer: HttpResponseBase, line: Line) -> str:
    """What the answer means in the table's letters."""
    status, goes = answer.status_code, answer.headers.get("Location", "")
    if status == 401 or (status == 302 and goes.startswith("/accounts/login/")):
        return SIGN_IN
    if status in (403, 404):
        return {403: TOLD_NO, 404: NOT_THERE}[status]
    if status in (409, 422) and str(line) in STUCK:
        return MAY
    if status < 400:
        return MAY
    return f"?{status}: {text_of(answer)[:300]}"


def requests(stage: Any, line: Line, world: World, letter: str, **instead: Any) -> HttpResponseBase:
    client = stage[2][letter]
    body = put(line.body, world.values, form=line.kind == "form")
    if ":" in line.name:
        return ask(client, line.method, address(line, world, **instead), kind=line.kind, body=body)
    url = address(line, world, **instead)
    return ask(Client(raise_request_exception=False), line.method, url, kind=line.kind, body=body, token=client.token)


@pytest.mark.slow
@pytest.mark.parametrize("line", [*PAGES, *OPERATIONS], ids=str)
def test_each_role_gets_what_the_matrix_says(stage: Any, line: Line) -> None:
    ours, _twin, _clients = stage
    got, leaks = {}, []
    for letter in line.cells:
        answer = requests(stage, line, ours, letter)
        got[letter] = cell_of(answer, line)
        leaks += [f"{letter} reads {said}" for word in words_for(letter) for said in around(word, text_of(answer))]
    wrong = {letter: f"{got[letter]} (expected {cell})" for letter, cell in line.cells.items() if got[letter] != cell}
    assert not wrong, f"{line}: {wrong}"
    assert not leaks, f"{line}: {leaks}"


def around(word: str, text: str) -> list[str]:
    return [text[max(0, at.start() - 20) : at.end() + 20] for at in re.finditer(re.escape(word), text)]


def words_for(letter: str) -> list[str]:
    """What must not stand in any answer to this person: the other production's words; for outsiders the team's too."""
    inside = [] if letter in "PDVCAEK" else [SECRET, *map(str, (BUDGET, CAP, COST)), *MONEY]
    return [FOREIGN, *inside]


# The team's figures as pages write them.
MONEY = [f"{minor // 100:,}" for minor in (BUDGET, CAP, COST)]


# The refused objects

INSIDE = [line for line in [*PAGES, *OPERATIONS] if "slug" in (ROUTES.get(line.name) or line.name)]
OBJECTS = {
    "scene_id", "layer", "layer_id", "pk", "note_id", "annotation_id", "member_id", "invitation_id", "rate_id",
    "likeness_id", "location_id", "item_id", "use_id", "batch", "sha256", "code", "episode", "shot",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("line", INSIDE, ids=str)
def test_nobody_reaches_into_another_production(stage: Any, line: Line) -> None:
    _ours, twin, _clients = stage
    # The door is the same for every role (the next test); the strongest, the weakest, a stranger and nobody knock here.
    expected = {"P": NOT_THERE, "G": NOT_THERE, "S": NOT_THERE, "N": SIGN_IN}
    assert {letter: cell_of(requests(stage, line, twin, letter), line) for letter in expected} == expected


@pytest.mark.parametrize("letter", [*LETTERS, "S"])
def test_no_role_counts_in_another_production(stage: Any, letter: str) -> None:
    _ours, twin, _clients = stage
    for name in ("productions:overview", "productions:board", "reviews:queue", "/productions/{slug}"):
        line = next(line for line in INSIDE if line.name == name and line.method == "GET")
        assert cell_of(requests(stage, line, twin, letter), line) == NOT_THERE


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in INSIDE if MAY in line.cells.values()], ids=str)
def test_an_own_address_with_another_production_s_object_finds_nothing(stage: Any, line: Line) -> None:
    ours, twin, _clients = stage
    letter = next(letter for letter, cell in line.cells.items() if cell == MAY)
    route = ROUTES.get(line.name) or line.name
    mine, theirs = arguments(line, ours, route), arguments(line, twin, route)
    for name in OBJECTS & set(mine):
        answer = requests(stage, line, ours, letter, **{name: theirs[name]})
        assert cell_of(answer, line) == NOT_THERE, f"{letter} reaches {name} of the other production"


# What is not before reviewers yet, or not for them: each in the place of what a guest may see.
UNSHOWN = {
    "shot": "planned_path", "code": "planned", "note_id": "inner", "sha256": "draft_poster",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in INSIDE if line.cells["G"] == MAY], ids=str)
def test_a_guest_finds_nothing_that_was_never_put_before_reviewers(stage: Any, line: Line) -> None:
    ours = stage[0]
    names = arguments(line, ours, ROUTES.get(line.name) or line.name)
    instead: list[dict[str, Any]] = [{name: ours.values[other]} for name, other in UNSHOWN.items() if name in names]
    instead += [{"number": 2}] if "number" in names else []
    instead += [{"name": "v002"}] if "name" in names else []
    for one in instead:
        assert cell_of(requests(stage, line, ours, "G", **one), line) == NOT_THERE, one


def test_a_guest_fetches_what_was_put_before_reviewers_and_no_source(stage: Any) -> None:
    values = stage[0].values
    for name, status in (("open_sha256", 200), ("sha256", 404), ("draft_poster", 404)):
        url = reverse("pipeline:media", args=[values["slug"], values[name]])
        assert ask(stage[2]["G"], "GET", url).status_code == status


def test_a_guest_decides_on_the_whole_and_sees_no_decision_on_a_layer(stage: Any) -> None:
    ours, _twin, clients = stage
    path = f"/api/v1/productions/{ours.values['slug']}/shots/{ours.values['code']}"
    for letter, layers in (("D", 2), ("G", 0)):
        told = json.loads(text_of(ask(Client(), "GET", f"{path}/versions/1/review", token=clients[letter].token)))
        said = json.loads(text_of(ask(Client(), "GET", f"{path}/decisions", token=clients[letter].token)))
        assert (len(told["layers"]), len(said)) == (layers, 1 if layers else 0)
        assert told["seen"] == ours.values["seen"]


# (operation, who may call it, body naming an object of the other production)
BORROWED = [
    ("POST /productions/{slug}/episodes/{episode}/scenes", "P", {"number": 8, "location": "$location_id"}),
    ("PATCH /productions/{slug}/episodes/{episode}/scenes/{scene_id}", "P", {"location": "$location_id"}),
    ("PATCH /productions/{slug}/shots/{code}/layers/{layer_id}", "P", {"likeness": "$likeness_id"}),
    ("POST /productions/{slug}/shots/{code}/takes", "P", {"filename": "a.mp4", "size": 9, "layer": "$actor"}),
    ("POST /productions/{slug}/shots/{code}/notes", "D", {"version": 1, "text": "x", "layer": "$layer"}),
    ("POST /productions/{slug}/shots/{code}/decisions", "D",
     {"version": 1, "choice": "approve", "seen": "$seen", "layer": "$layer"}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "letter", "body"), BORROWED, ids=[row[0] for row in BORROWED])
def test_nothing_is_borrowed_from_another_production(stage: Any, operation: str, letter: str, body: Any) -> None:
    ours, twin, clients = stage
    line = next(line for line in OPERATIONS if str(line) == operation)
    sent = put(body, twin.values, form=False)
    answer = ask(Client(), line.method, address(line, ours), kind="json", body=sent, token=clients[letter].token)
    assert answer.status_code == 404, text_of(answer)


def test_a_place_in_the_cut_is_not_taken_after_another_production_s_shot(stage: Any) -> None:
    ours, twin, clients = stage
    url = f"/api/v1/productions/{ours.values['slug']}/shots/{ours.values['code']}/place?after={twin.values['code']}"
    assert ask(Client(), "POST", url, token=clients["P"].token).status_code == 404


# Methods that no line lists

WRITES = re.compile(r"^(INSERT|UPDATE|DELETE)", re.IGNORECASE)


@pytest.mark.parametrize("name", sorted({line.name for line in PAGES}))
def test_a_method_that_is_not_listed_changes_nothing(stage: Any, name: str) -> None:
    listed = {line.method for line in PAGES if line.name == name}
    line = next(line for line in PAGES if line.name == name)
    letter = next((letter for letter, cell in line.cells.items() if cell == MAY), "P")
    for method in {"GET", "POST", "PUT", "DELETE"} - listed:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(stage[2][letter], method, address(line, stage[0]))
        written = [
            row["sql"][:80] for row in queries if WRITES.match(row["sql"]) and "django_session" not in row["sql"]
        ]
        assert not written, f"{method} {name} is not in the matrix and writes: {written}"
