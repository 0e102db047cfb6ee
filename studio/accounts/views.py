"""Profile, tokens, language; demo sign-in."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.accounts import services
from studio.accounts.demo import demo_users
from studio.accounts.forms import ProfileForm, TokenForm
from studio.accounts.models import User


def _me(request: HttpRequest) -> User:
    """Who is signed in; these pages are for people who are."""
    assert isinstance(request.user, User)
    return request.user


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        services.update_profile(user=_me(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _speaking(redirect("accounts:profile"), form.cleaned_data["language"])
    return _profile(request, form, TokenForm(), status=422 if form.errors else 200)


def _profile(
    request: HttpRequest, form: ProfileForm, token_form: TokenForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    tokens = _me(request).api_tokens.order_by("-created_at")
    context = {"form": form, "token_form": token_form, "tokens": tokens, "secret": secret}
    return render(request, "accounts/profile.html", context, status=status)


@login_required
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """The secret is on this one answer and nowhere else, so there is no redirect."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _profile(request, ProfileForm(instance=request.user), form, status=422)
    _token, secret = services.issue_token(user=_me(request), **form.cleaned_data)
    response = _profile(request, ProfileForm(instance=request.user), TokenForm(), secret=secret)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    services.revoke_token(user=_me(request), token_id=token_id)
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:profile")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages; a person who is signed in keeps it everywhere."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = settings.LANGUAGE_CODE
    if request.user.is_authenticated:
        services.set_language(user=_me(request), language=chosen)
    return _speaking(HttpResponseRedirect(_next(request)), chosen)


@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people; 404 where the studio is no demonstration."""
    try:
        wanted = UUID(request.POST.get("user", ""))
    except ValueError as error:
        raise Http404 from error
    login(
        request,
        get_object_or_404(demo_users(), pk=wanted),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return HttpResponseRedirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Where the form came from, if that is on this host."""
    back = request.POST.get("next", "/")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if ours else "/"


def _speaking(response: HttpResponse, language: str) -> HttpResponse:
    if language:
        translation.activate(language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax")
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response
