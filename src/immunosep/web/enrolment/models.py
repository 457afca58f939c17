"""Patients, what was recorded of them, consent, and allocations.

What is recorded is one `Entry` per value and moment of entry, with the name of a column of the data
dictionary; forms come from the trial value, so another trial needs no migration.
"""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Slot


class Patient(models.Model):
    """One person looked at for the trial; a participant once consent is recorded."""

    number = models.CharField(primary_key=True, max_length=20)  # centre and serial: 07-0012
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT)
    entries_made = models.PositiveIntegerField(default=0)  # what an answer was computed from
    request = models.UUIDField(null=True)  # of the page that asked, so that a double click adds one

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request"], name="a page adds one patient"),)

    def __str__(self) -> str:
        return self.number


class Entry(models.Model):
    """One value of one column, as entered. A column's last entry is its value; all are kept."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="entries")
    form = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    value = models.JSONField(null=True)  # as `sources.bedside` reads it; None: entered in error
    observed_at = models.DateTimeField(null=True)  # when a sample was drawn or a value read
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)  # of a change
    trial_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["patient", "column"]),)


class ConsentVersion(models.Model):
    """One version of the information sheet and consent form, approved for one centre."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT)
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    approved_on = models.DateField()  # by the centre's ethics committee
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["centre", "version", "language"], name="a centre approves a version once"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.version} ({self.language})"


class Consent(models.Model):
    """Consent as given: who by, to which version, when."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    given_by = models.CharField(max_length=20)  # protocol.consent.ConsentBy
    version = models.ForeignKey(ConsentVersion, on_delete=models.PROTECT)
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        ordering = ("id",)


class Withdrawal(models.Model):
    """Consent taken back, from treatment or from all of it, with the data kept or not.

    Whoever stopped treatment may take back more later: the last row is what stands.
    """

    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        related_name="withdrawals",
        related_query_name="withdrawal",
    )
    kind = models.CharField(max_length=40)  # protocol.consent.WithdrawalKind
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["patient", "kind"], name="a kind of withdrawal is recorded once"
            ),
        )


class NotEnrolled(models.Model):
    """Why a screened patient did not join: the screening log's last column."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="not_enrolled")
    reasons = models.JSONField()  # criterion ids, or words such as declined, no_time
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)


class Allocation(models.Model):
    """A participant's place in the list, for ever. What the place holds is sealed."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="allocation")
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="allocation")
    immune_state = models.CharField(max_length=60)
    answers = models.JSONField()  # verdict and criteria as they were
    values = models.JSONField()  # the snapshot that was answered, frozen
    window_closes_at = models.DateTimeField(null=True)
    allocated_at = models.DateTimeField()
    allocated_by = models.ForeignKey(User, on_delete=models.PROTECT)
    trial_digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"allocation of {self.patient_id}"


class InError(models.Model):
    """The mark "randomised in error": it frees no slot and hides no participant."""

    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, related_name="in_error")
    reason = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)


class Dose(models.Model):
    """One preparation as given. The first of a participant starts day 1 and ends the window."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="doses")
    preparation = models.OneToOneField(
        "supply.Preparation", on_delete=models.PROTECT, related_name="given"
    )
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)
