"""What a page says of a patient whose screening began before the trial was amended there."""

from immunosep.languages import say
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.trial import trial_of


def version_note(patient: Patient) -> str:
    """That another version decides than the one screening began under; nothing if it is the same.

    A centre that never was amended is not asked about: that costs no query.
    """
    centre = patient.centre
    if not centre.trial_digest or hasattr(patient, "allocation"):
        return ""
    trial = trial_of(centre)
    earlier = Entry.objects.filter(patient=patient).exclude(trial_digest=trial.digest)
    if not earlier.exists():
        return ""
    return say(
        "Screening began under an earlier version of the trial. Version {version} is live at this "
        "centre now and decides: look at the forms again.",
        version=trial.version,
    )
