"""Tokens with which programs act for a person, and what was answered to requests sent twice.

A token is kept as a digest under the site's secret key: neither a copy of the database nor the
trail tells it. It acts in one role of one person, until it expires, is revoked, or the person's
log-ins are ended.
"""

from django.db import models
from django.db.models import F, Q

from immunosep.web.accounts.models import Membership, User


class Token(models.Model):
    """One token: in which role it acts, how far, and until when."""

    class Scope(models.TextChoices):
        READ = "read", "Read only"
        WRITE = "write", "Read and enter"
        RANDOMISE = "randomise", "Read, enter and randomise"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)  # what its owner calls it
    scope = models.CharField(max_length=10, choices=Scope.choices)
    digest = models.CharField(max_length=64, unique=True)
    made_with = models.CharField(max_length=64)  # what a log-in was opened with then: see `User`
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="a token expires after it is made"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["read", "write", "randomise"]),
                name="a token reads, writes or randomises",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a token has a name"),
        )

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What was answered to a request that changed something, for the same request sent again."""

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=255)  # the header Idempotency-Key
    asked = models.CharField(max_length=64)  # digest of the request
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["token", "key"], name="a key serves one request"),
        )
