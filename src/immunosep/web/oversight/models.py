"""Deviations from the protocol and what was judged of each; who was trained, and for which task.

Every row is only ever added, and the database refuses change: a deviation stands as it was found;
the last judgement of it is what holds. Nothing here may tell an arm: the rules read what is alike
in every arm, and people are told not to name a treatment.
"""

from datetime import date

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient


class Kind(models.TextChoices):
    """What was deviated from: the first seven are found by rule, all may be reported."""

    FIRST_DOSE_OUTSIDE_WINDOW = "first_dose_outside_window", "First dose outside its window"
    DOSE_NOT_GIVEN = "dose_not_given", "Dose not given"
    DOSE_LATE = "dose_late", "Dose given late"
    VISIT_MISSED = "visit_missed", "Visit missed"
    VISIT_OUTSIDE_WINDOW = "visit_outside_window", "Visit outside its window"
    CONSENT_AFTER_PROCEDURE = "consent_after_procedure", "Consent after a procedure of the trial"
    SERIOUS_EVENT_LATE = "serious_event_late", "Serious event reported after 24 hours"
    ELIGIBILITY = "eligibility", "Enrolled against a criterion"
    CONSENT = "consent", "Consent: form, version or person"
    TREATMENT = "treatment", "Preparation, storage or giving of treatment"
    OTHER_MEDICATION = "other_medication", "Medicine that the protocol excludes"
    ASSESSMENT = "assessment", "Assessment not done as planned"
    CONFIDENTIALITY = "confidentiality", "Confidentiality or blinding"
    OTHER = "other", "Other"


class Deviation(models.Model):
    """One departure from the protocol, of a participant or of a centre as a whole.

    `about` says to a rule what it is about, so that it is recorded once; a person's has none.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="deviations")
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="deviations"
    )
    kind = models.CharField(max_length=40, choices=Kind.choices)
    about = models.CharField(max_length=80, blank=True)
    what = models.TextField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)  # None: a rule
    trial_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["patient", "kind", "about"],
                condition=~models.Q(about=""),
                name="a rule finds a deviation once",
            ),
            models.CheckConstraint(
                condition=models.Q(recorded_by=None, patient__isnull=False) & ~models.Q(about="")
                | models.Q(recorded_by__isnull=False, about=""),
                name="a rule or a person finds a deviation",
            ),
            models.CheckConstraint(
                condition=~models.Q(what=""), name="a deviation says what happened"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]),
                name="a deviation is of a listed kind",
            ),
            models.CheckConstraint(
                condition=models.Q(happened_at__lte=models.F("recorded_at")),
                name="a deviation happened before it is recorded",
            ),
        )

    def __str__(self) -> str:
        return f"deviation {self.pk}"

    @property
    def found_by(self) -> str:
        """`rule` or `person`."""
        return "person" if self.recorded_by_id else "rule"


class Judgement(models.Model):
    """What somebody who reviews deviations made of one; the last one holds."""

    class Verdict(models.TextChoices):
        """Important: it may affect rights, safety, or how far the results can be relied on."""

        IMPORTANT = "important", "Important"
        NOT_IMPORTANT = "not_important", "Not important"
        NONE = "none", "No deviation after all"  # such as what was only entered late

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="judgements")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="a judgement has a reason"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=["important", "not_important", "none"]),
                name="a judgement is one of three",
            ),
        )


class Search(models.Model):
    """The rules looked once over all centres, and found so many that were not recorded yet."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)  # None: the site itself
    found = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)


class Training(models.Model):
    """Somebody was trained in something, by name and version, on a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="trainings")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")  # who says so
    what = models.CharField(max_length=200)  # as the trial's `training_required` names it
    version = models.CharField(max_length=100)
    on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(what="") & ~models.Q(version=""),
                name="a training says in what",
            ),
            models.UniqueConstraint(
                fields=["user", "what", "version", "on"], name="a training is recorded once"
            ),
        )


class Delegation(models.Model):
    """Tasks that an investigator gave somebody in one role at a centre, from a day, until a day.

    `tasks` are names of the role's permissions.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="delegations")
    role = models.CharField(max_length=40)
    tasks = models.JSONField()
    begins = models.DateField()
    until = models.DateField(null=True)  # the last day
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("begins")),
                name="a delegation ends after it begins",
            ),
            models.CheckConstraint(condition=~models.Q(tasks=[]), name="a delegation is of tasks"),
        )

    def __str__(self) -> str:
        return f"delegation {self.pk}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, as signed or as ended."""
        ended: date | None = self.end.last_day if hasattr(self, "end") else None
        days = [day for day in (self.until, ended) if day is not None]
        return min(days, default=None)

    def holds_on(self, day: date) -> bool:
        """Whether its tasks may be done on a day."""
        return self.begins <= day and (self.last_day is None or day <= self.last_day)


class DelegationEnd(models.Model):
    """A delegation was taken back before its time: `last_day` is the last on which it held."""

    delegation = models.OneToOneField(Delegation, on_delete=models.PROTECT, related_name="end")
    last_day = models.DateField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="a delegation ends for a reason"
            ),
        )
