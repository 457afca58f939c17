"""Versions of the trial that a site has, amendments that propose them, and where each went live.

A version is a file whose digest names it. An amendment proposes one; it goes live centre by centre,
once that centre's approvals are recorded (ICH E6(R3) 4.3.5). Nothing here is ever changed: going
back to an earlier version is another amendment. Approvals are rows of `centres.Approval`.
"""

from django.db import models

from immunosep.web.accounts.models import User
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import ConsentVersion


class Version(models.Model):
    """One version of the trial: its file is in the folder, under its digest.

    The text is here too, so that a backup has every version. Only whoever runs the site puts it
    back (`immunosep site amend`): a process that serves never runs what a table holds.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=100, unique=True)  # as the trial value calls itself
    source = models.TextField(blank=True)  # its file's text; empty of the version begun with
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ("taken_at", "name")

    def __str__(self) -> str:
        return f"version {self.name}"


class Amendment(models.Model):
    """The proposal that centres work by a version, and how it differs from that it was made for."""

    number = models.AutoField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="amendments")
    replaces = models.CharField(max_length=64)  # the digest of the version it was compared with
    difference = models.JSONField()  # protocol.difference, as it was shown
    reason = models.TextField()
    needs_authority = models.BooleanField()  # beside the ethics committee, which always approves
    asks_again = models.BooleanField()  # participants are to consent again, to a bound version
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="an amendment says why it is made"
            ),
        )

    def __str__(self) -> str:
        return f"amendment {self.number}"


class BoundConsent(models.Model):
    """A consent version of a centre that an amendment brings with it."""

    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, related_name="consents")
    consent_version = models.OneToOneField(
        ConsentVersion, on_delete=models.PROTECT, related_name="amendment"
    )
    bound_at = models.DateTimeField()
    bound_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


class Activation(models.Model):
    """An amendment gone live at one centre, where it replaced another version."""

    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, related_name="activations")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="activations")
    replaced = models.CharField(max_length=64)  # the digest of the version before
    activated_at = models.DateTimeField()
    activated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["amendment", "centre"], name="an amendment goes live at a centre once"
            ),
        )
