"""Team and invitations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.accounts.models import User
from studio.core.errors import Conflict, DomainError, Invalid, NotThere
from studio.productions import people, policy, selectors
from studio.productions.forms import InviteForm, JoinForm
from studio.productions.models import Production, Role
from studio.productions.policy import Action


def _team(
    request: HttpRequest,
    production: Production,
    form: InviteForm,
    *,
    link: str = "",
    invited: str = "",
    status: int = 200,
) -> HttpResponse:
    open_ones = production.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    context = {
        "production": production,
        "members": production.memberships.select_related("user").order_by("created_at"),
        "invitations": open_ones.order_by("-created_at"),
        "roles": Role.choices,
        "form": form,
        "link": link,
        "invited": invited,
        "tab": "team",
        "papers": "team",
    }
    return render(request, "productions/team.html", context, status=status)


@login_required
def team(request: HttpRequest, slug: str) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return _team(request, production, InviteForm())


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """The link stands on this one answer (and in the mail): only its digest is kept."""
    production = selectors.get_production(request.user, slug)
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation, link = people.invite(
                actor=request.user,
                production=production,
                link=lambda secret: request.build_absolute_uri(reverse("productions:join", args=[secret])),
                **form.cleaned_data,
            )
            response = _team(request, production, InviteForm(), link=link, invited=invitation.email)
            response["Cache-Control"] = "no-store"
            return response
        except (Conflict, Invalid) as error:
            form.add_error("email", str(error))
    return _team(request, production, form, status=422)


@login_required
@require_POST
def revoke(request: HttpRequest, slug: str, invitation_id: UUID) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    people.revoke_invitation(actor=request.user, invitation=get_object_or_404(production.invitations, pk=invitation_id))
    messages.success(request, _("The invitation's link no longer works."))
    return redirect("productions:team", slug)


@login_required
@require_POST
def change_role(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    member = get_object_or_404(production.memberships, pk=member_id)
    people.change_role(
        actor=request.user,
        member=member,
        role=request.POST.get("role", ""),
        guest_may_note="guest_may_note" in request.POST,
        guest_may_decide="guest_may_decide" in request.POST,
    )
    words = _("%(name)s is %(role)s now.") % {"name": member.user, "role": Role(member.role).label}
    messages.success(request, words)
    return redirect("productions:team", slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    member = get_object_or_404(production.memberships, pk=member_id)
    people.remove_member(actor=request.user, member=member)
    if member.user_id == request.user.pk:
        messages.success(request, _("You left “%(title)s”.") % {"title": production.title})
        return redirect("productions:list")
    messages.success(request, _("%(name)s left the team.") % {"name": member.user})
    return redirect("productions:team", slug)


def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Where an invitation's link leads: signed in, one button; new here, name and password."""
    try:
        invitation = people.invitation_of(secret)
    except NotThere as error:
        return render(request, "productions/join_closed.html", {"error": error}, status=404)
    has_account = User.objects.filter(email=invitation.email).exists()
    form = JoinForm(request.POST or None)
    if request.method == "POST" and request.user.is_authenticated:
        people.accept(user=request.user, secret=secret)
        return redirect("productions:overview", invitation.production.slug)
    if request.method == "POST" and not has_account and form.is_valid():
        try:
            user = people.join_as_new(secret=secret, language=translation.get_language() or "", **form.cleaned_data)
        except DomainError as error:
            form.add_error("password", str(error))
        else:
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("productions:overview", invitation.production.slug)
    context = {
        "invitation": invitation,
        "form": form,
        "has_account": has_account,
        "mine": request.user.is_authenticated and request.user.email == invitation.email,
    }
    response = render(request, "productions/join.html", context, status=422 if form.errors else 200)
    # The address is the key: only the origin is told onward. Not "no-referrer": browsers then send `Origin: null` with
    # the form, which the protection against forged requests refuses, so that nobody could join.
    response["Referrer-Policy"] = "strict-origin"
    return response
