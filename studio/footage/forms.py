"""What pages and scripts may send about takes."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PermitForm(forms.Form):
    """One file about to be sent, and which layer it is for."""

    filename = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.CharField(max_length=64, required=False)
    layer = forms.UUIDField()
    slate = forms.CharField(max_length=60, required=False, label=_("Slate"))


class WindowForm(forms.Form):
    centre_milli = forms.IntegerField(min_value=0, max_value=1000, label=_("Centre of the 9:16 window"))
