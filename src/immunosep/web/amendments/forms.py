"""The forms of amendments."""

from django import forms

from immunosep.web.centres.models import Body
from immunosep.web.enrolment.models import ConsentVersion


class Day(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"


class ProposalForm(forms.Form):
    """Why the trial is amended, and what that asks of others."""

    reason = forms.CharField(max_length=1000, label="Why the trial is amended")
    needs_authority = forms.BooleanField(
        required=False,
        initial=True,
        label="The authority approves it too",
        help_text="Beside the ethics committee, which always does.",
    )
    asks_again = forms.BooleanField(
        required=False,
        label="Participants are asked for consent again",
        help_text="To a consent version that comes with the amendment.",
    )


class ApprovalForm(forms.Form):
    """Who approved an amendment for a centre, and when."""

    body = forms.ChoiceField(choices=Body.choices, label="Approved by")
    given_by = forms.CharField(
        max_length=200, label="Its name", help_text="As it stands on the letter."
    )
    reference = forms.CharField(max_length=100, label="Reference")
    approved_on = forms.DateField(label="On", widget=Day)


class ConsentForm(forms.Form):
    """Which consent version of a centre comes with an amendment."""

    consent_version: "forms.ModelChoiceField[ConsentVersion]" = forms.ModelChoiceField(
        queryset=ConsentVersion.objects.none(), label="Consent version", empty_label=None
    )
