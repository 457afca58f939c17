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

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.city}: {self.name}"

    @property
    def zone(self) -> ZoneInfo:
        """The clock on its wall."""
        return ZoneInfo(self.time_zone)
