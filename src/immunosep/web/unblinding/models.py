"""The register of who learnt a treatment, when and why. It never says which."""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.enrolment.models import Allocation


class Unblinding(models.Model):
    """One person learning one participant's treatment, for ever. The treatment is not stored."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", "Emergency, on this site"
        ENVELOPE = "envelope", "Emergency, by envelope"
        ACCIDENTAL = "accidental", "By accident"

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="unblindings")
    who = models.ForeignKey(User, on_delete=models.PROTECT, related_name="unblindings")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.TextField()
    at = models.DateTimeField()  # when it was learnt
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="an unblinding has a reason"
            ),
            models.CheckConstraint(
                condition=models.Q(at__lte=models.F("recorded_at")),
                name="an unblinding is recorded after it happened",
            ),
        )


class Review(models.Model):
    """What the medical monitor thought of an unblinding, afterwards."""

    unblinding = models.OneToOneField(Unblinding, on_delete=models.PROTECT, related_name="review")
    assessment = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(assessment=""), name="a review has an assessment"
            ),
        )
