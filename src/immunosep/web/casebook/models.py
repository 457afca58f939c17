"""Pages of a participant's casebook, what was entered on them, and every step of cleaning them.

What is entered is one `PageEntry` per value; what happens to a page is one `Step`; both are only
ever added, and the database refuses change. A page's `stage` and `entries_made` repeat what they
say, for lists.
"""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient


class Page(models.Model):
    """One form of one participant: of a planned visit, or one entry of a log."""

    class Stage(models.TextChoices):
        STARTED = "started", "Started"
        COMPLETE = "complete", "Complete"
        FROZEN = "frozen", "Frozen"  # no entry, but by a query's answer after unfreezing
        LOCKED = "locked", "Locked"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pages")
    form = models.CharField(max_length=60)
    visit = models.CharField(max_length=60, blank=True)  # of the schedule; empty for a log
    number = models.PositiveIntegerField(default=1)  # of a log; of a visit, 2 and more: unscheduled
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.STARTED)
    entries_made = models.PositiveIntegerField(default=0)
    verified = models.BooleanField(default=False)  # compared with the source since the last entry
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT)
    request = models.UUIDField(null=True)  # of the page that asked, so that a double click adds one

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["patient", "form", "visit", "number"], name="a page is there once"
            ),
            models.UniqueConstraint(fields=["request"], name="a request adds one page"),
        )

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.form} {self.visit or self.number}"


class PageEntry(models.Model):
    """One value of one column as entered. A column's last entry is its value; all are kept."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="entries")
    column = models.CharField(max_length=60)
    value = models.JSONField(null=True)  # None: taken back
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)  # of a change
    trial_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["page", "column"]),)


class Step(models.Model):
    """Something done to a page as a whole."""

    class Kind(models.TextChoices):
        COMPLETED = "completed", "Completed"
        REOPENED = "reopened", "Reopened"
        MISSED = "missed", "Said not to take place"
        VERIFIED = "verified", "Compared with the source"
        UNVERIFIED = "unverified", "Verification taken back"
        FROZEN = "frozen", "Frozen"
        UNFROZEN = "unfrozen", "Unfrozen"
        LOCKED = "locked", "Locked"
        UNLOCKED = "unlocked", "Unlocked"

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    entries = models.PositiveIntegerField()  # how many the page had then
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)


class Signature(models.Model):
    """Somebody's name under pages, with its meaning (21 CFR 11.50); void once one changes.

    `content` is the digest of what the pages said when they were signed (`signing`).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="signatures")
    block = models.CharField(max_length=60)  # which pages: a block of visits, or the casebook
    meaning = models.CharField(max_length=200)
    name = models.CharField(max_length=200)  # as printed
    content = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        ordering = ("id",)


class Query(models.Model):
    """A question about an entry, by a rule or a person, until somebody closes it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="queries")
    column = models.CharField(max_length=60, blank=True)
    check_id = models.CharField(max_length=60, blank=True)  # of the rule; empty: a person asks
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["page", "check_id"],
                condition=~models.Q(check_id="") & ~models.Q(status="closed"),
                name="a rule asks about a page once at a time",
            ),
        )


class QueryStep(models.Model):
    """One turn of a query: asked, answered, closed, opened again."""

    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="steps")
    status = models.CharField(max_length=20, choices=Query.Status.choices)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)  # None: a rule
    role = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("id",)


class Lock(models.Model):
    """All records of a participant, of a centre or of the trial were locked, or opened again.

    The last row of each says how it stands. While a wider one is locked, a narrower one cannot be
    opened. `content` is the digest of what every page said when it was locked.
    """

    class Scope(models.TextChoices):
        PARTICIPANT = "participant", "Participant"
        CENTRE = "centre", "Centre"
        TRIAL = "trial", "Trial"

    scope = models.CharField(max_length=20, choices=Scope.choices)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="locks", null=True)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="locks", null=True)
    locked = models.BooleanField()
    content = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField()  # how many there were
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300, blank=True)  # of opening it

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                name="a lock says of what",
                condition=models.Q(scope="participant", patient__isnull=False, centre__isnull=True)
                | models.Q(scope="centre", patient__isnull=True, centre__isnull=False)
                | models.Q(scope="trial", patient__isnull=True, centre__isnull=True),
            ),
            models.CheckConstraint(
                name="a lock is opened for a reason",
                condition=models.Q(locked=True) | ~models.Q(reason=""),
            ),
        )
