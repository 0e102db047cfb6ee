"""What people fill in on the cut's and the release's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from studio.core.errors import Invalid


class Checked(forms.Form):
    def checked(self) -> dict[str, Any]:
        """The cleaned values. Raises Invalid with what is wrong."""
        if not self.is_valid():
            raise Invalid(" ".join(str(error) for errors in self.errors.values() for error in errors))
        return self.cleaned_data


class TrimForm(Checked):
    """Frames as people count them, from the production's start frame."""

    first = forms.IntegerField()
    last = forms.IntegerField()


class WaiveForm(Checked):
    code = forms.CharField(max_length=40)
    fingerprint = forms.RegexField(r"^[0-9a-f]{64}$")
    reason = forms.CharField(max_length=300, required=False)


class MasterForm(Checked):
    """The bytes that the page showed."""

    master = forms.CharField(max_length=64, required=False)

    def clean_master(self) -> str:
        sha256 = str(self.cleaned_data["master"])
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise forms.ValidationError(_("Say which master is meant: its sha256 is missing."))
        return sha256
