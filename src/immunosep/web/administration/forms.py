"""The forms of a centre."""

from django import forms


class Day(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"


class ApprovalForm(forms.Form):
    """Who approved the trial for a centre, and when."""

    given_by = forms.CharField(
        max_length=200, label="Given by", help_text="The ethics committee or the authority."
    )
    reference = forms.CharField(max_length=100, label="Reference")
    approved_on = forms.DateField(label="On", widget=Day)


class ConsentVersionForm(forms.Form):
    """A version of the information sheet and consent form."""

    version = forms.CharField(max_length=40, label="Version")
    language = forms.CharField(
        max_length=10, label="Language", help_text="A code such as de or el (BCP 47)."
    )
    approved_on = forms.DateField(label="Approved on", widget=Day)
