"""The forms of accounts and roles."""

from django import forms

from immunosep.web.accounts.roles import Role
from immunosep.web.centres.models import Centre


class AccountForm(forms.Form):
    """A new account: whose, and the address it logs in with."""

    name = forms.CharField(max_length=200, label="Name", help_text="As printed beside a signature.")
    email = forms.EmailField(label="E-mail address", help_text="Of one person, never shared.")


class GrantForm(forms.Form):
    """A role, at a centre or, where the role allows, everywhere."""

    granted = forms.ChoiceField(label="Role", choices=[(r.value, r.label) for r in Role])
    centre = forms.ModelChoiceField(
        label="Centre",
        queryset=Centre.objects.all(),
        required=False,
        empty_label="Every centre",
        help_text="Investigators, nurses, laboratories and pharmacists belong to one centre.",
    )


class ReasonForm(forms.Form):
    """Why something is ended."""

    reason = forms.CharField(label="Why", max_length=300)
