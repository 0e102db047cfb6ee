"""The models page: which learned models there are, whether they are what was approved, what may be done with them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from compositing.errors import EngineError
from studio.core.engine_sentences import sentence
from studio.core.errors import DomainError
from studio.generation import registry, services
from studio.generation.backends.blender import installed as blender_here
from studio.generation.models import RegisteredModel
from studio.productions import policy
from studio.productions import services as productions
from studio.productions.models import Production
from studio.productions.policy import Action
from studio.productions.selectors import get_production


class TerritoriesField(forms.CharField):
    """Two-letter codes, separated by spaces or commas, as a list."""

    def clean(self, value: Any) -> list[str]:
        return [code.upper() for code in str(super().clean(value)).replace(",", " ").split()]

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value


class PapersForm(forms.Form):
    """What a model's licence says, as whoever approves it read it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, required=False)
    licence = forms.CharField(label=gettext_lazy("Licence"), max_length=120)
    licence_url = forms.URLField(
        label=gettext_lazy("Where the licence stands"), max_length=300, required=False, assume_scheme="https"
    )
    commercial = forms.ChoiceField(
        label=gettext_lazy("Commercial use"), choices=RegisteredModel.Commercial, initial="unclear"
    )
    territories_allowed = TerritoriesField(
        label=gettext_lazy("Allowed only in"),
        required=False,
        help_text=gettext_lazy("Codes such as CN US EU; empty: everywhere."),
    )
    territories_forbidden = TerritoriesField(
        label=gettext_lazy("Forbidden in"),
        required=False,
        help_text=gettext_lazy("Codes such as EU GB KR; empty: nowhere."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("Where the files were downloaded, and when."),
    )
    random_weights = forms.BooleanField(
        label=gettext_lazy("Random weights"),
        required=False,
        help_text=gettext_lazy("For trying out; its draws can't be released."),
    )


class AddForm(PapersForm):
    name = forms.ChoiceField(label=gettext_lazy("Folder"))
    field_order = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [(name, name) for name in registry.found_folders()]  # type: ignore[attr-defined]


class UseForm(forms.Form):
    commercial = forms.BooleanField(label=gettext_lazy("Commercial production"), required=False)
    territories = TerritoriesField(
        label=gettext_lazy("To be shown in"),
        required=False,
        help_text=gettext_lazy("Codes such as CN US EU, or WW for everywhere."),
    )


def _production(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def _page(request: HttpRequest, production: Production, form: forms.Form, **more: Any) -> HttpResponse:
    use_form = UseForm(initial={"commercial": production.commercial, "territories": production.territories})
    context = {
        "production": production, "tab": "team", "papers": "models", "rows": registry.standings(production),
        "folders": registry.found_folders(), "home": registry.home(), "form": form, "use_form": use_form,
        "may_keep": policy.may(request.user, Action.CONSENT, production),
        "blender": blender_here(),
        "may_verify": policy.may(request.user, Action.SPEND, production),
    }  # fmt: skip
    return render(request, "generation/models.html", context | more, status=422 if form.errors else 200)


@login_required
def models(request: HttpRequest, slug: str) -> HttpResponse:
    """The list; POST registers a folder with its papers."""
    production = _production(request, slug)
    if request.method != "POST":
        return _page(request, production, AddForm())
    policy.require(request.user, Action.CONSENT, production)
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            services.register(approved_by=request.user, production=production, **form.cleaned_data)
        except (EngineError, DomainError) as error:
            said = sentence(error.code, error.params, str(error)) if isinstance(error, EngineError) else str(error)
            form.add_error("name", said)
        else:
            messages.success(request, _("Registered. A worker looks at every file now; then it can be drawn with."))
            return redirect("generation:models", slug)
    return _page(request, production, form)


@login_required
def model(request: HttpRequest, slug: str, model_name: str) -> HttpResponse:
    """One model's papers; POST corrects and approves them."""
    production = _production(request, slug)
    policy.require(request.user, Action.CONSENT, production)
    row = get_object_or_404(RegisteredModel, name=model_name)
    form = PapersForm(request.POST or None, initial={name: getattr(row, name) for name in PapersForm.base_fields})
    if request.method == "POST" and form.is_valid():
        registry.amend(actor=request.user, model=row, production=production, **form.cleaned_data)
        messages.success(request, _("The papers are approved by you."))
        return redirect("generation:models", slug)
    return _page(request, production, form, editing=row)


@login_required
@require_POST
def verify(request: HttpRequest, slug: str, model_name: str) -> HttpResponse:
    production = _production(request, slug)
    policy.require(request.user, Action.SPEND, production)
    row = get_object_or_404(RegisteredModel, name=model_name)
    services.ask_to_verify(actor=request.user, production=production, model=row)
    messages.success(request, _("Its files are being checked; the jobs page says how far."))
    return redirect("generation:models", slug)


@login_required
@require_POST
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """How and where the production is to be shown."""
    production = _production(request, slug)
    policy.require(request.user, Action.CONSENT, production)
    form = UseForm(request.POST)
    if form.is_valid():
        productions.edit_production(actor=request.user, production=production, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("generation:models", slug)
