"""What people fill in about a production."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from studio.productions.models import LayerKind, Likeness, Location, Production, Rate, Role, Scene, Shot
from studio.productions.services import FORMATS, RATES

CURRENCIES = [("CNY", _("yuan (¥)")), ("USD", _("US dollars ($)")), ("EUR", _("euros (€)")), ("GBP", _("pounds (£)"))]


class MoneyField(forms.DecimalField):
    """People write whole units with up to two decimals; the tables hold minor units."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"min_value": 0, "max_digits": 14, "decimal_places": 2} | kwargs))
        self.widget.attrs |= {"class": "num", "inputmode": "decimal"}

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            whole = Decimal(value) / 100
            return str(whole.quantize(Decimal(1)) if whole == whole.to_integral() else whole)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ProductionForm(forms.ModelForm):
    """Format and rate are chosen from lists; the picture format is one choice of width and height."""

    picture = forms.ChoiceField(
        label=_("Format"),
        choices=[
            ("1080x1920", _("1080 × 1920, vertical (9:16)")),
            ("720x1280", _("720 × 1280, vertical (9:16)")),
            ("540x960", _("540 × 960, draft (9:16)")),
        ],
    )
    rate = forms.ChoiceField(label=_("Frames a second"), choices=[(name, name) for name in RATES], initial="24")
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    budget_minor = MoneyField(label=_("Budget"), required=False)
    draw_cap_minor = MoneyField(
        label=_("What an AI artist may spend on draws without asking"),
        required=False,
        help_text=_("Empty: nothing."),
    )

    class Meta:
        model = Production
        fields = (
            "title",
            "slug",
            "logline",
            "picture",
            "rate",
            "start_frame",
            "currency",
            "budget_minor",
            "draw_cap_minor",
            "filing_number",
            "content_producer",
        )
        labels = {
            "title": _("Title"),
            "slug": _("Address"),
            "logline": _("Logline"),
            "start_frame": _("First frame's number"),
            "filing_number": _("Filing number"),
            "content_producer": _("Content producer code"),
        }
        help_texts = {
            "slug": _("Latin letters, digits and hyphens; empty: made from the title."),
            "filing_number": _("Of the drama's registration; a release asks for it."),
            "content_producer": _("27 characters, stands in the AIGC label of every master."),
        }
        widgets = {
            "title": forms.TextInput(attrs={"wide": "1", "autofocus": True}),
            "logline": forms.Textarea(attrs={"rows": 2, "wide": "1"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["slug"].required = False
        if row._state.adding:
            return
        del self.fields["slug"]
        picture = f"{row.width}x{row.height}"
        if picture not in FORMATS:
            choices = self.fields["picture"].choices  # type: ignore[attr-defined]
            self.fields["picture"].choices = [*choices, (picture, picture.replace("x", " × "))]  # type: ignore[attr-defined]
        self.initial["picture"] = picture
        self.initial["rate"] = next((name for name, pair in RATES.items() if pair == (row.fps_num, row.fps_den)), "24")

    def facts(self) -> dict[str, Any]:
        """What the service takes: width, height, fps_num and fps_den in place of the two choices."""
        values = dict(self.cleaned_data)
        width, height = (int(side) for side in values.pop("picture").split("x"))
        fps_num, fps_den = RATES[values.pop("rate")]
        values.pop("slug", None)
        return values | {"width": width, "height": height, "fps_num": fps_num, "fps_den": fps_den}

    def _post_clean(self) -> None:
        """Leave the row to the service: the form only reads."""

    def clean_content_producer(self) -> str:
        code: str = self.cleaned_data["content_producer"].strip()
        if code and len(code) != 27:
            raise forms.ValidationError(
                _("The code has 27 characters; this has %(count)d."), params={"count": len(code)}
            )
        return code


class EpisodeForm(forms.Form):
    number = forms.IntegerField(
        label=_("Number"), required=False, min_value=1, max_value=999, help_text=_("Empty: the next one.")
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=200)


class SceneForm(forms.Form):
    number = forms.IntegerField(
        label=_("Number"), required=False, min_value=1, max_value=999, help_text=_("Empty: the next one.")
    )
    title = forms.CharField(
        label=_("Heading"), max_length=200, required=False, help_text=_("Where and when: “Rooftop, night, rain”.")
    )
    location = forms.ModelChoiceField(
        label=_("Location"), queryset=Location.objects.none(), required=False, empty_label="–"
    )

    def __init__(self, *args: Any, production: Production, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = production.locations.order_by("name")  # type: ignore[attr-defined]


class ShotForm(forms.ModelForm):
    """The facts of a shot: what routing reads, and what people call it."""

    budget_minor = MoneyField(label=_("Budget of this shot"), required=False)

    class Meta:
        model = Shot
        fields = (
            "title",
            "framing",
            "performance",
            "duration_frames",
            "crowd",
            "effect",
            "budget_minor",
            "assignee",
            "exterior",
            "description",
            "dialogue",
        )
        labels = {
            "title": _("What happens"),
            "framing": _("Framing"),
            "performance": _("Performance"),
            "duration_frames": _("Length in frames"),
            "crowd": _("Crowd"),
            "effect": _("Effect"),
            "assignee": _("Who works on it"),
            "exterior": _("Exterior"),
            "description": _("Description"),
            "dialogue": _("Dialogue"),
        }
        widgets = {
            "title": forms.TextInput(attrs={"wide": "1"}),
            "description": forms.Textarea(attrs={"rows": 2, "wide": "1"}),
            "dialogue": forms.Textarea(attrs={"rows": 2, "wide": "1"}),
        }

    def __init__(self, *args: Any, production: Production, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duration_frames"].widget.attrs |= {"class": "num", "min": 1, "max": 100_000}
        team = production.memberships.exclude(role=Role.GUEST).values("user")
        people = self.fields["assignee"].queryset.filter(pk__in=team)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = people.order_by("name")  # type: ignore[attr-defined]
        self.fields["assignee"].empty_label = _("nobody yet")  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Leave the row to the service: the form only reads."""

    def clean_duration_frames(self) -> int:
        frames: int = self.cleaned_data["duration_frames"]
        if not 1 <= frames <= 100_000:
            raise forms.ValidationError(_("A shot is 1 to 100,000 frames long."))
        return frames


class NewShotForm(ShotForm):
    scene = forms.ModelChoiceField(label=_("Scene"), queryset=Scene.objects.none())
    number = forms.IntegerField(
        label=_("Number"),
        required=False,
        min_value=1,
        max_value=9999,
        help_text=_("Empty: the next ten. 15 stands between 10 and 20."),
    )
    field_order = ["scene", "number", *ShotForm.Meta.fields]

    def __init__(self, *args: Any, episode: Any, **kwargs: Any) -> None:
        super().__init__(*args, production=episode.production, **kwargs)
        scenes = self.fields["scene"]
        scenes.queryset = episode.scenes.all()  # type: ignore[attr-defined]
        scenes.label_from_instance = lambda scene: f"{scene.code} {scene.title}"  # type: ignore[attr-defined]


class LayerForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=LayerKind.choices)
    name = forms.CharField(label=_("Name"), max_length=100, required=False)


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.COMPOSITOR)
    guest_may_note = forms.BooleanField(label=_("A guest may write notes"), required=False, initial=True)
    guest_may_decide = forms.BooleanField(label=_("A guest may decide on shots"), required=False)


class JoinForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Choose a password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())


class RateForm(forms.Form):
    key = forms.ChoiceField(label=_("Rate"), choices=Rate.Key.choices)
    model = forms.CharField(label=_("Model"), max_length=120, required=False, help_text=_("For a price per draw."))
    amount_minor = MoneyField(label=_("Amount"))
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Contract, invoice or list it comes from."))
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}), initial=date.today
    )


class ConsentForm(forms.ModelForm):
    class Meta:
        model = Likeness
        fields = ("name", "character", "consent_reference", "consent_until", "ai_alteration_allowed")
        labels = {
            "name": _("Person"),
            "character": _("Character"),
            "consent_reference": _("Consent"),
            "consent_until": _("Valid until"),
            "ai_alteration_allowed": _("May be altered by AI"),
        }
        help_texts = {"consent_reference": _("Contract or form; empty: no consent on file.")}
        widgets = {"consent_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def _post_clean(self) -> None:
        """Leave the row to the service: the form only reads."""


class LocationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(label=_("Description"), required=False, max_length=500)
