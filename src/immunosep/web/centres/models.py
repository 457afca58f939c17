"""One row per centre of the trial value that this site knows, and whether it has opened."""

from zoneinfo import ZoneInfo

from django.db import models


class Status(models.TextChoices):
    """Whether a centre may enrol."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Centre(models.Model):
    """A centre: `id` is that of the trial value, `number` heads its participants' numbers."""

    id = models.CharField(primary_key=True, max_length=60)
    number = models.CharField(max_length=4, unique=True)
    name = models.CharField(max_length=300)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    opened_at = models.DateTimeField(null=True)
    last_patient = models.PositiveIntegerField(default=0)  # the serial last given to a patient
    trial_digest = models.CharField(max_length=64, blank=True)  # its version; empty: the first

    class Meta:
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(status="open", opened_at=None),
                name="an open centre has opened",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in Status]),
                name="a centre is planned, open, paused or closed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.city}: {self.name}"

    @property
    def zone(self) -> ZoneInfo:
        """The clock on its wall."""
        return ZoneInfo(self.time_zone)


class Body(models.TextChoices):
    """Who approves."""

    ETHICS_COMMITTEE = "ethics_committee", "Ethics committee"
    AUTHORITY = "authority", "Authority"


class Approval(models.Model):
    """One ethics committee's or authority's approval of one trial version for one centre.

    A centre opens only for a trial version that is approved there (ICH E6(R3) 4.3.5).
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="approvals")
    body = models.CharField(max_length=20, choices=Body.choices, blank=True)  # empty: not said
    given_by = models.CharField(max_length=200)  # the committee or authority
    reference = models.CharField(max_length=100)
    approved_on = models.DateField()
    trial_version = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)  # an account's id; none: the site itself

    class Meta:
        ordering = ("approved_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["centre", "trial_version", "given_by", "reference"],
                name="an approval is recorded once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.given_by} {self.reference}"
