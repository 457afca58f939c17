"""The sealed code: for each stratum and position a ciphertext. No column here tells an arm.

What is inside is read with the code key alone (`randomisation.opening`), which no site process has.
"""

from django.db import models


class Code(models.Model):
    """A sealed list, loaded once before the first participant, and its public commitment."""

    active = models.BooleanField(default=True)  # the list that is allocated from
    live = models.BooleanField()  # False: a test or teaching list
    trial_id = models.CharField(max_length=100)
    trial_digest = models.CharField(max_length=64)
    public_key = models.TextField()
    commitment = models.CharField(max_length=64)  # SHA-256 of the list and a nonce, published
    document = models.JSONField()  # the sealed file without its slots
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["commitment"], name="a code is loaded once"),
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="one code is in use"
            ),
        )


class Stratum(models.Model):
    """One list of the code (ImmunoSep: one a centre); whoever allocates from it locks this row."""

    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="strata")
    key = models.CharField(max_length=200)  # the values of the stratifying columns, as the code has

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code", "key"], name="a stratum has one list"),
        )


class Slot(models.Model):
    """One place of a list: allocated in order of position, never freed, never reused."""

    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["stratum", "position"], name="a position of a list has one slot"
            ),
        )
