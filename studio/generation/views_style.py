"""The style page: the words that every prompt of the production carries, and how its places read with them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from modelhost.families import FAMILIES, PIPELINE
from studio.generation import prompting, styles
from studio.generation.models import RegisteredModel
from studio.productions import policy
from studio.productions.policy import Action
from studio.productions.selectors import get_production


def _words(label: Any, help_text: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=styles.MOST, widget=area)


class StyleForm(forms.Form):
    look = _words(
        gettext_lazy("Look"), gettext_lazy("Light, colour, mood: “muted teal and amber, soft contrast”. Any language.")
    )
    camera = _words(gettext_lazy("Camera"), gettext_lazy("Lens, height, distance: “anamorphic, eye level”."))
    avoid = _words(
        gettext_lazy("Never"), gettext_lazy("What no picture may show; said to models that read such a list.")
    )


def classes() -> list[tuple[str, str]]:
    """(name, title) of the classes to show: those with a registered model; all where there is none."""
    there = set(RegisteredModel.objects.filter(kind=PIPELINE).values_list("family", flat=True))
    return [(name, family.title) for name, family in FAMILIES.items() if name in there or not there]


@login_required
def style(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and every location as a prompt; `?class=sdxl`, `?language=zh`. POST changes the style."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    row = styles.row_of(production)
    form = StyleForm(request.POST or None, initial={name: getattr(row, name, "") for name in styles.PARTS})
    if request.method == "POST":
        policy.require(request.user, Action.PICK_DRAW, production)
        if form.is_valid():
            styles.change(actor=request.user, production=production, **form.cleaned_data)
            messages.success(request, _("Saved. Prompts that are written from now on carry it."))
            return redirect("generation:style", slug)
    shown = classes()
    chosen = request.GET.get("class", "")
    chosen = chosen if chosen in dict(shown) else shown[0][0]
    language = request.GET.get("language", "")
    habit = prompting.habit_of(chosen)
    context = {
        "production": production, "tab": "team", "papers": "style", "form": form, "row": row, "classes": shown,
        "chosen": chosen, "habit": habit, "language": language if language in habit.languages else "",
        "places": styles.place_helps(production, chosen, language),
        "may_change": policy.may(request.user, Action.PICK_DRAW, production),
    }  # fmt: skip
    return render(request, "generation/style.html", context, status=422 if form.errors else 200)
