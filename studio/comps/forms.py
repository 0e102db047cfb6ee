"""What the comp page's forms send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from compositing.recipe import MODES, VIEWS
from studio.comps.services import DRAFT


class StartForm(forms.Form):
    """Start a version from the settings as they are stored."""

    comment = forms.CharField(max_length=300, required=False, label=_("What changed"))
    mode = forms.ChoiceField(choices=[(mode, mode) for mode in (DRAFT, *MODES)], initial="best", label=_("Quality"))
    submit = forms.BooleanField(required=False, label=_("Submit for review when done"))


class PreviewForm(forms.Form):
    """One still: frame is an index from 0; width in pixels as shown on the screen."""

    frame = forms.IntegerField(min_value=0)
    view = forms.ChoiceField(choices=[(view, view) for view in VIEWS], required=False)
    layer = forms.CharField(max_length=64, required=False)
    width = forms.IntegerField(min_value=16, max_value=4096, required=False)
    page = forms.SlugField(max_length=40)
    # As which recipe: the settings sent or stored (in this mode), a version's own, or an earlier state of the settings.
    mode = forms.ChoiceField(choices=[(mode, mode) for mode in MODES], required=False)
    version = forms.IntegerField(min_value=1, required=False)
    step = forms.SlugField(max_length=16, required=False)
    fine = forms.BooleanField(required=False)
    draw = forms.UUIDField(required=False)  # with this draw where its layer's filling is
