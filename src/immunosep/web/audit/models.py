"""One row per action: the audit trail (21 CFR 11.10(e), ICH E6(R3) 4.2.2, EMA/INS/GCP/112288/2023).

Rows are only ever added; the database itself refuses UPDATE, DELETE and TRUNCATE (migration 0002).
Each row's digest covers the row and the digest before it, so that a row changed behind the site's
back is found (`verify`). Nothing here may tell an arm: contents of preparations are ciphertext.
"""

from django.db import models


class Event(models.Model):
    """One action by one person (or by the site itself, `by` empty) on one object."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    time_zone = models.CharField(max_length=40)  # of the centre, or UTC where there is none
    by = models.BigIntegerField(null=True)  # an account's id
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=60)
    action = models.CharField(max_length=60)  # app.verb, such as enrolment.randomise
    subject = models.CharField(max_length=120)  # what it was done to, such as patient 07-0012
    centre = models.CharField(max_length=60, blank=True)
    participant = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    trial_digest = models.CharField(max_length=64)
    software = models.CharField(max_length=40)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("sequence",)
        indexes = (models.Index(fields=["participant"]), models.Index(fields=["centre"]))
        constraints = (
            models.UniqueConstraint(fields=["digest"], name="an event has its own digest"),
            models.UniqueConstraint(fields=["previous"], name="an event follows one event"),
        )

    def __str__(self) -> str:
        return f"{self.sequence}: {self.action}"


class Head(models.Model):
    """The single row that says where the chain ends; whoever adds an event locks it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="there is one chain"),)
