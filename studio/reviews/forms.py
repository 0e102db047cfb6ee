"""What people write in review."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.core.errors import Invalid
from studio.reviews.models import Decision
from studio.reviews.seen import Seen


class Checked(forms.Form):
    """A form whose first error is a sentence for the person: `checked()` gives the values or raises Invalid."""

    def checked(self) -> dict[str, Any]:
        if not self.is_valid():
            name, errors = next(iter(self.errors.items()))
            label = self.fields[name].label if name in self.fields else ""
            raise Invalid(f"{label}: {errors[0]}" if label else errors[0])
        return self.cleaned_data


class NoteForm(Checked):
    """Frames are as people count them (from the production's start frame); the view makes indexes of them."""

    text = forms.CharField(label=_("Note"), max_length=4000, error_messages={"required": _("Write what you see.")})
    layer = forms.UUIDField(label=_("On"), required=False)
    frame_in = forms.IntegerField(label=_("First frame"), required=False)
    frame_out = forms.IntegerField(label=_("Last frame"), required=False)
    must = forms.BooleanField(label=_("Must"), required=False)
    internal = forms.BooleanField(label=_("Internal"), required=False)
    label_note = forms.BooleanField(label=_("About the label"), required=False)
    drawings = forms.JSONField(label=_("Drawing"), required=False)


class ReplyForm(Checked):
    text = forms.CharField(label=_("Answer"), max_length=4000, error_messages={"required": _("Write an answer.")})
    internal = forms.BooleanField(label=_("Internal"), required=False)


class MoveForm(Checked):
    to = forms.CharField()
    version = forms.IntegerField(required=False, min_value=1)
    reason = forms.CharField(required=False, max_length=300)


class DecisionForm(Checked):
    """A decision carries what its page showed: `seen`, the JSON of `Seen.as_dict()`."""

    choice = forms.ChoiceField(choices=Decision.Verdict.choices)
    seen = forms.CharField()
    comment = forms.CharField(required=False, max_length=4000)
    layer = forms.UUIDField(required=False)

    def clean_seen(self) -> Seen:
        try:
            return Seen.read(json.loads(self.cleaned_data["seen"]))
        except (ValueError, AttributeError, TypeError) as error:
            raise forms.ValidationError(_("Reload the page: it no longer says what you looked at.")) from error
