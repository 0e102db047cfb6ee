"""Members, invitations, rates, consents and locations for scripts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Schema

from studio.core.api import Router
from studio.productions import papers, people, policy, selectors
from studio.productions.models import Invitation, Likeness, Location, Membership, Production, Rate
from studio.productions.policy import Action

router = Router(tags=["team and papers"])


def team_of(request: HttpRequest, slug: str) -> Production:
    """The production, for its team; guests are refused."""
    production = selectors.get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


class MemberOut(Schema):
    id: UUID
    name: str
    email: str
    role: str
    guest_may_note: bool
    guest_may_decide: bool

    @staticmethod
    def resolve_name(row: Membership) -> str:
        return str(row.user)

    @staticmethod
    def resolve_email(row: Membership) -> str:
        return str(row.user.email)


class RoleIn(Schema):
    role: str
    guest_may_note: bool = False
    guest_may_decide: bool = False


class InviteIn(RoleIn):
    email: str


class InvitationOut(Schema):
    """link: only in the answer that makes the invitation."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    link: str = ""


@router.get("/members", response=list[MemberOut], operation_id="list_members")
def list_members(request: HttpRequest, slug: str) -> QuerySet[Membership]:
    return team_of(request, slug).memberships.select_related("user").order_by("created_at")


@router.patch("/members/{member_id}", response=MemberOut, operation_id="change_role")
def change_role(request: HttpRequest, slug: str, member_id: UUID, data: RoleIn) -> Membership:
    member = get_object_or_404(team_of(request, slug).memberships, pk=member_id)
    return people.change_role(actor=request.user, member=member, **data.dict())


@router.delete("/members/{member_id}", response={204: None}, operation_id="remove_member")
def remove_member(request: HttpRequest, slug: str, member_id: UUID) -> tuple[int, None]:
    """409 for the last producer. Anyone may take themselves off."""
    production = selectors.get_production(request.user, slug)
    people.remove_member(actor=request.user, member=get_object_or_404(production.memberships, pk=member_id))
    return 204, None


@router.get("/invitations", response=list[InvitationOut], operation_id="list_invitations")
def list_invitations(request: HttpRequest, slug: str) -> QuerySet[Invitation]:
    """Invitations that are still open."""
    return team_of(request, slug).invitations.filter(accepted_at=None, revoked_at=None).order_by("-created_at")


@router.post("/invitations", response={201: InvitationOut}, operation_id="invite")
def invite(request: HttpRequest, slug: str, data: InviteIn) -> tuple[int, Any]:
    invitation, link = people.invite(
        actor=request.user,
        production=team_of(request, slug),
        link=lambda secret: request.build_absolute_uri(reverse("productions:join", args=[secret])),
        **data.dict(),
    )
    names = ("id", "email", "role", "expires_at")
    return 201, {name: getattr(invitation, name) for name in names} | {"link": link}


@router.delete("/invitations/{invitation_id}", response={204: None}, operation_id="revoke_invitation")
def revoke_invitation(request: HttpRequest, slug: str, invitation_id: UUID) -> tuple[int, None]:
    invitation = get_object_or_404(team_of(request, slug).invitations, pk=invitation_id)
    people.revoke_invitation(actor=request.user, invitation=invitation)
    return 204, None


class RateIn(Schema):
    key: str
    amount_minor: int
    source: str
    valid_from: date
    model: str = ""


class RateOut(RateIn):
    id: UUID


@router.get("/rates", response=list[RateOut], operation_id="list_rates")
def list_rates(request: HttpRequest, slug: str) -> QuerySet[Rate]:
    return team_of(request, slug).rates.all()


@router.post("/rates", response={201: RateOut}, operation_id="add_rate")
def add_rate(request: HttpRequest, slug: str, data: RateIn) -> tuple[int, Rate]:
    return 201, papers.add_rate(actor=request.user, production=team_of(request, slug), **data.dict())


@router.delete("/rates/{rate_id}", response={204: None}, operation_id="remove_rate")
def remove_rate(request: HttpRequest, slug: str, rate_id: UUID) -> tuple[int, None]:
    papers.remove_rate(actor=request.user, rate=get_object_or_404(team_of(request, slug).rates, pk=rate_id))
    return 204, None


class ConsentIn(Schema):
    name: str
    character: str = ""
    consent_reference: str = ""
    consent_until: date | None = None
    ai_alteration_allowed: bool = False


class ConsentOut(ConsentIn):
    id: UUID


@router.get("/consents", response=list[ConsentOut], operation_id="list_consents")
def list_consents(request: HttpRequest, slug: str) -> QuerySet[Likeness]:
    return team_of(request, slug).likenesses.order_by("name")


@router.post("/consents", response={201: ConsentOut}, operation_id="add_consent")
def add_consent(request: HttpRequest, slug: str, data: ConsentIn) -> tuple[int, Likeness]:
    return 201, papers.keep_consent(actor=request.user, production=team_of(request, slug), **data.dict())


@router.put("/consents/{likeness_id}", response=ConsentOut, operation_id="change_consent")
def change_consent(request: HttpRequest, slug: str, likeness_id: UUID, data: ConsentIn) -> Likeness:
    production = team_of(request, slug)
    likeness = get_object_or_404(production.likenesses, pk=likeness_id)
    return papers.keep_consent(actor=request.user, production=production, likeness=likeness, **data.dict())


@router.delete("/consents/{likeness_id}", response={204: None}, operation_id="remove_consent")
def remove_consent(request: HttpRequest, slug: str, likeness_id: UUID) -> tuple[int, None]:
    likeness = get_object_or_404(team_of(request, slug).likenesses, pk=likeness_id)
    papers.remove_consent(actor=request.user, likeness=likeness)
    return 204, None


class LocationIn(Schema):
    name: str
    description: str = ""


class LocationOut(LocationIn):
    id: UUID


@router.get("/locations", response=list[LocationOut], operation_id="list_locations")
def list_locations(request: HttpRequest, slug: str) -> QuerySet[Location]:
    return team_of(request, slug).locations.order_by("name")


@router.post("/locations", response={201: LocationOut}, operation_id="add_location")
def add_location(request: HttpRequest, slug: str, data: LocationIn) -> tuple[int, Location]:
    return 201, papers.keep_location(actor=request.user, production=team_of(request, slug), **data.dict())


@router.put("/locations/{location_id}", response=LocationOut, operation_id="change_location")
def change_location(request: HttpRequest, slug: str, location_id: UUID, data: LocationIn) -> Location:
    production = team_of(request, slug)
    location = get_object_or_404(production.locations, pk=location_id)
    return papers.keep_location(actor=request.user, production=production, location=location, **data.dict())


@router.delete("/locations/{location_id}", response={204: None}, operation_id="remove_location")
def remove_location(request: HttpRequest, slug: str, location_id: UUID) -> tuple[int, None]:
    location = get_object_or_404(team_of(request, slug).locations, pk=location_id)
    papers.remove_location(actor=request.user, location=location)
    return 204, None
