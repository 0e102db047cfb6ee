"""The access matrix: every page and API operation, who gets in, written by hand from the table of roles.

One `Row` per address: how it is called in a prepared `World`, and the letters of the roles that are let in
(P D V C A E K G as in the policy's table; `*` everybody who is signed in, `?` everybody). Let in means: the answer is
no 403, 404 or way to the sign-in page; a form may still refuse its values. All others must be turned away.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from studio.productions import people
from studio.productions.models import Likeness, Location, Production, Rate
from tests.cast import Cast, make_user
from tests.factories import make_episode, make_production, make_scene, make_shot, make_version

TEAM, ALL = "PDVCAEK", "PDVCAEKG"


class World:
    """A production in full swing, for one row.

    A shot in review with a version; one of everything that has an address.
    """

    def __init__(self) -> None:
        self.production: Production = make_production()
        self.episode = make_episode(self.production)
        self.scene = make_scene(self.episode)
        self.shot = make_shot(self.scene, state="in_review")
        self.version = make_version(self.shot, state="in_review")
        self.layer = self.shot.layers.order_by("order")[0]
        self.rate = Rate.objects.create(
            production=self.production, key="travel", amount_minor=100, source="list", valid_from="2026-01-01"
        )
        self.likeness = Likeness.objects.create(production=self.production, name="Zhao Min")
        self.location = Location.objects.create(production=self.production, name="Rooftop")
        self.cast: Cast

    def join(self, cast: Cast) -> None:
        """After the cast is in: a member who can be removed, an open invitation, a production others are not in."""
        self.cast = cast
        self.member = self.production.memberships.create(user=make_user("mia"), role="compositor")
        self.invitation, self.link = people.invite(
            actor=cast.priya,
            production=self.production,
            email="new@huo.test",
            role="editor",
            link=lambda secret: secret,
        )

    @property
    def base(self) -> str:
        return f"/p/{self.production.slug}"

    @property
    def at(self) -> str:
        return f"{self.base}/{self.episode.code}/{self.shot.path_code}"

    @property
    def api(self) -> str:
        return f"/api/v1/productions/{self.production.slug}"


@dataclass
class Row:
    """name: the URL's name (`productions:board`) or the API's operation id (`api:list_shots`)."""

    name: str
    who: str
    url: Callable[[World], str]
    method: str = "get"
    data: dict[str, Any] | Callable[[World], dict[str, Any]] = field(default_factory=dict)
    own: bool = False  # an address without a production: strangers are as welcome as members


RATE = {"key": "travel", "amount_minor": 5, "source": "list", "valid_from": "2026-01-01"}
SHOT = {
    "title": "x",
    "framing": "wide",
    "performance": "none",
    "duration_frames": 10,
    "crowd": "none",
    "effect": "none",
}
ROUTE = {"route": "library", "reason": "we have one"}

ROWS = [
    # A person's own
    Row("accounts:profile", "*", lambda w: "/me/", own=True),
    Row("accounts:create_token", "*", lambda w: "/me/tokens/", "post", {"name": "x", "days": 30}, own=True),
    Row("accounts:language", "?", lambda w: "/me/language/", "post", {"language": "en"}, own=True),
    Row("productions:list", "*", lambda w: "/", own=True),
    Row("productions:create", "*", lambda w: "/productions/new/", own=True),
    Row("productions:join", "?", lambda w: f"/join/{w.link}/", own=True),
    # The production and its papers
    Row("productions:overview", ALL, lambda w: f"{w.base}/"),
    Row("productions:settings", "PK", lambda w: f"{w.base}/settings/"),
    Row("productions:team", TEAM, lambda w: f"{w.base}/team/"),
    Row(
        "productions:invite", "P", lambda w: f"{w.base}/team/invite/", "post", {"email": "y@huo.test", "role": "editor"}
    ),
    Row("productions:revoke_invitation", "P", lambda w: f"{w.base}/team/invitations/{w.invitation.pk}/revoke/", "post"),
    Row("productions:change_role", "P", lambda w: f"{w.base}/team/{w.member.pk}/role/", "post", {"role": "editor"}),
    Row("productions:remove_member", "P", lambda w: f"{w.base}/team/{w.member.pk}/remove/", "post"),
    Row("productions:rates", TEAM, lambda w: f"{w.base}/rates/"),
    Row("productions:rates", "P", lambda w: f"{w.base}/rates/", "post", RATE),
    Row("productions:remove_rate", "P", lambda w: f"{w.base}/rates/{w.rate.pk}/remove/", "post"),
    Row("productions:consents", TEAM, lambda w: f"{w.base}/consents/"),
    Row("productions:consents", "PK", lambda w: f"{w.base}/consents/", "post", {"name": "Old Wu"}),
    Row("productions:edit_consent", "PK", lambda w: f"{w.base}/consents/{w.likeness.pk}/", "post", {"name": "Zhao"}),
    Row("productions:remove_consent", "PK", lambda w: f"{w.base}/consents/{w.likeness.pk}/remove/", "post"),
    Row("productions:locations", TEAM, lambda w: f"{w.base}/locations/"),
    Row("productions:locations", "PDV", lambda w: f"{w.base}/locations/", "post", {"name": "Lake"}),
    Row("productions:edit_location", "PDV", lambda w: f"{w.base}/locations/{w.location.pk}/", "post", {"name": "Lake"}),
    Row("productions:remove_location", "PDV", lambda w: f"{w.base}/locations/{w.location.pk}/remove/", "post"),
    # Board, shots, layers
    Row("productions:board", ALL, lambda w: f"{w.base}/EP01/"),
    Row("productions:create_episode", "PDV", lambda w: f"{w.base}/episodes/new/"),
    Row("productions:edit_episode", "PDV", lambda w: f"{w.base}/EP01/edit/"),
    Row("productions:create_scene", "PDV", lambda w: f"{w.base}/EP01/scenes/new/"),
    Row("productions:edit_scene", "PDV", lambda w: f"{w.base}/EP01/scenes/{w.scene.pk}/"),
    Row("productions:create_shot", "PDV", lambda w: f"{w.base}/EP01/shots/new/"),
    Row("productions:place", "PDVE", lambda w: f"{w.base}/EP01/place/", "post", lambda w: {"shot": w.shot.code}),
    Row("productions:shot", ALL, lambda w: f"{w.at}/"),
    Row("productions:card", ALL, lambda w: f"{w.at}/card/"),
    Row("productions:facts", "PDV", lambda w: f"{w.at}/facts/"),
    Row("productions:set_aside", "PDV", lambda w: f"{w.at}/hold/", "post"),
    Row("productions:add_layer", "PDV", lambda w: f"{w.at}/layers/", "post", {"kind": "effect"}),
    Row("productions:edit_layer", "PDV", lambda w: f"{w.at}/layers/{w.layer.pk}/", "post", {"name": "x"}),
    Row("productions:remove_layer", "PDV", lambda w: f"{w.at}/layers/{w.layer.pk}/remove/", "post"),
    Row("productions:place_layer", "PDV", lambda w: f"{w.at}/layers/{w.layer.pk}/place/", "post", {"step": "1"}),
    Row("productions:route_shot", "PDV", lambda w: f"{w.at}/route/", "post"),
    Row("productions:set_route", "PDVA", lambda w: f"{w.at}/layers/{w.layer.pk}/route/", "post", ROUTE),
    Row("productions:follow_rule", "PDV", lambda w: f"{w.at}/layers/{w.layer.pk}/route/rule/", "post"),
    Row("productions:answer_proposal", "PDV", lambda w: f"{w.at}/layers/{w.layer.pk}/route/proposal/", "post"),
    # Books and queue
    Row("pipeline:ledger", TEAM, lambda w: f"{w.base}/ledger/"),
    Row("pipeline:ledger_check", TEAM, lambda w: f"{w.base}/ledger/check/", "post"),
    Row("pipeline:ledger_export", TEAM, lambda w: f"{w.base}/ledger.csv"),
    Row("pipeline:jobs", TEAM, lambda w: f"{w.base}/jobs/"),
    # API
    Row("api:list_productions", "*", lambda w: "/api/v1/productions", own=True),
    Row("api:create_production", "*", lambda w: "/api/v1/productions", "post", {"title": "x"}, own=True),
    Row("api:get_production", ALL, lambda w: w.api),
    Row("api:edit_production", "P", lambda w: w.api, "patch", {"title": "y"}),
    Row("api:edit_production", "PK", lambda w: w.api, "patch", {"filing_number": "y"}),
    Row("api:list_episodes", ALL, lambda w: f"{w.api}/episodes"),
    Row("api:create_episode", "PDV", lambda w: f"{w.api}/episodes", "post", {"title": "y"}),
    Row("api:edit_episode", "PDV", lambda w: f"{w.api}/episodes/EP01?title=y", "patch"),
    Row("api:create_scene", "PDV", lambda w: f"{w.api}/episodes/EP01/scenes", "post", {"title": "y"}),
    Row("api:edit_scene", "PDV", lambda w: f"{w.api}/episodes/EP01/scenes/{w.scene.pk}", "patch", {"title": "y"}),
    Row("api:list_shots", ALL, lambda w: f"{w.api}/shots"),
    Row("api:create_shot", "PDV", lambda w: f"{w.api}/episodes/EP01/shots", "post", {"scene": "SC01"}),
    Row("api:get_shot", ALL, lambda w: f"{w.api}/shots/{w.shot.code}"),
    Row("api:edit_shot", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}", "patch", {"title": "y"}),
    Row("api:place_shot", "PDVE", lambda w: f"{w.api}/shots/{w.shot.code}/place", "post"),
    Row("api:hold_shot", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/hold", "post"),
    Row("api:omit_shot", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/omit", "post"),
    Row("api:restore_shot", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/restore", "post"),
    Row("api:add_layer", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers", "post", {"kind": "effect"}),
    Row("api:edit_layer", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}", "patch", {"name": "y"}),
    Row("api:remove_layer", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}", "delete"),
    Row("api:set_route", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}/route", "put", ROUTE),
    Row("api:follow_rule", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}/route", "delete"),
    Row(
        "api:propose_route",
        "PDVA",
        lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}/proposal",
        "post",
        ROUTE,
    ),
    Row("api:drop_proposal", "PDV", lambda w: f"{w.api}/shots/{w.shot.code}/layers/{w.layer.pk}/proposal", "delete"),
    Row("api:list_members", TEAM, lambda w: f"{w.api}/members"),
    Row("api:change_role", "P", lambda w: f"{w.api}/members/{w.member.pk}", "patch", {"role": "editor"}),
    Row("api:remove_member", "P", lambda w: f"{w.api}/members/{w.member.pk}", "delete"),
    Row("api:list_invitations", TEAM, lambda w: f"{w.api}/invitations"),
    Row("api:invite", "P", lambda w: f"{w.api}/invitations", "post", {"email": "y@huo.test", "role": "editor"}),
    Row("api:revoke_invitation", "P", lambda w: f"{w.api}/invitations/{w.invitation.pk}", "delete"),
    Row("api:list_rates", TEAM, lambda w: f"{w.api}/rates"),
    Row("api:add_rate", "P", lambda w: f"{w.api}/rates", "post", RATE),
    Row("api:remove_rate", "P", lambda w: f"{w.api}/rates/{w.rate.pk}", "delete"),
    Row("api:list_consents", TEAM, lambda w: f"{w.api}/consents"),
    Row("api:add_consent", "PK", lambda w: f"{w.api}/consents", "post", {"name": "Old Wu"}),
    Row("api:change_consent", "PK", lambda w: f"{w.api}/consents/{w.likeness.pk}", "put", {"name": "Zhao"}),
    Row("api:remove_consent", "PK", lambda w: f"{w.api}/consents/{w.likeness.pk}", "delete"),
    Row("api:list_locations", TEAM, lambda w: f"{w.api}/locations"),
    Row("api:add_location", "PDV", lambda w: f"{w.api}/locations", "post", {"name": "Lake"}),
    Row("api:change_location", "PDV", lambda w: f"{w.api}/locations/{w.location.pk}", "put", {"name": "Lake"}),
    Row("api:remove_location", "PDV", lambda w: f"{w.api}/locations/{w.location.pk}", "delete"),
    Row("api:list_ledger", TEAM, lambda w: f"{w.api}/ledger"),
    Row("api:verify_ledger", TEAM, lambda w: f"{w.api}/ledger/proof"),
    Row("api:list_jobs", ALL, lambda w: f"{w.api}/jobs"),  # empty for guests
]

# Names that have their own tests of who gets in, and why they stand in no row.
ELSEWHERE = {
    "accounts:demo": "test_people: only in a demonstration, only its invented people",
    "accounts:revoke_token": "test_people: only one's own",
    "pipeline:media": "test_media: by use, guests without internal ones",
    "pipeline:job": "test_jobs_pages",
    "pipeline:cancel_job": "test_jobs_pages",
    "api:get_job": "test_jobs_pages",
    "api:cancel_job": "test_jobs_pages",
    "api:get_media": "tests/architecture/test_access",
    "api:route_shot": "tests/architecture/test_access",
    "api:notes_csv": "tests/architecture/test_access",
    "api:studio_reviews_api_remove_drawing": "tests/architecture/test_access",
    "api:openapi-json": "what the API offers is no secret",
    "api:openapi-view": "what the API offers is no secret",
    "api:api-root": "a name for the address, no page",
}
# Apps whose rows stand above. What they serve and the matrix does not list fails the test.
LISTED = ("accounts", "productions", "pipeline")
