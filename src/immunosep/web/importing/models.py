"""Files of results that somebody gave the site, and which of their results were recorded.

What a file says is kept sealed, for as long as somebody may look at it before it is recorded, and
then erased. What stays of it are digests under a key of the site's: who gives the same file again
is told so, and nobody can try values until one fits.
"""

from django.db import models

from immunosep.web.accounts.models import User


class Import(models.Model):
    """One file: given by somebody, looked at, then recorded or put away."""

    class State(models.TextChoices):
        READ = "read", "To be looked at"
        RECORDED = "recorded", "Recorded"
        DISCARDED = "discarded", "Put away"

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="imports")
    digest = models.CharField(max_length=64)  # of the file and whose it is, under the site's key
    uploaded_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.READ)
    closed_at = models.DateTimeField(null=True)
    recorded = models.PositiveIntegerField(default=0)  # results that were written
    left_out = models.PositiveIntegerField(default=0)  # results and lines that were not
    sealed = models.BinaryField(null=True)  # what it says, then what was left out; erased in time

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="an import that is done says when",
                condition=models.Q(state="read", closed_at__isnull=True)
                | models.Q(~models.Q(state="read"), closed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportedResult(models.Model):
    """One result that an import wrote, as a digest, so that it is not written twice."""

    imported = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="results")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["digest"], name="a result is imported once"),
        )
