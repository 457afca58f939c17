"""Accounts, the roles they hold at centres, and whether they are unblinded, which is for ever."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from immunosep.web.accounts.roles import Role
from immunosep.web.centres.models import Centre


class Users(BaseUserManager["User"]):
    """How accounts are found, and made by `accounts.actions.create_account`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """By e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """One person. Shared accounts are not allowed (21 CFR 11.100)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)  # as printed beside a signature
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    unblinded_at = models.DateTimeField(null=True)  # once set, never unset: a trigger refuses
    language = models.CharField(max_length=10, default="", blank=True)  # else the browser's
    log_ins_ended = models.PositiveIntegerField(default=0)  # one more ends every log-in there is

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = Users()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="an address has one account"),)

    def __str__(self) -> str:
        return self.name

    def get_username(self) -> str:
        """The address it logs in with."""
        return self.email

    def get_session_auth_hash(self) -> str:
        """What a session must have been opened with: it ends with the password, or on demand."""
        opened_with = f"{self.password} {self.log_ins_ended}"
        return salted_hmac("immunosep session", opened_with, algorithm="sha256").hexdigest()


class OpenLogIn(AbstractBaseSession):
    """A session of one browser, and whose it is once somebody has logged in; gone when it ends."""

    account = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="open_log_ins"
    )

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        """What reads and writes it."""
        from immunosep.web.accounts.sessions import SessionStore  # it imports this module

        return SessionStore


class Membership(models.Model):
    """A role held by an account, at one centre or, for roles of the whole trial, at all."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40, choices=[(r.value, r.label) for r in Role])
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "role", "centre"],
                condition=models.Q(revoked_at=None),
                name="an account holds a role at a centre once",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(revoked_at=None, centre=None),
                name="an account holds a role of the whole trial once",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="a role is one of the list",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None) | models.Q(revoked_at__gte=F("granted_at")),
                name="a role ends after it begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class AccessReview(models.Model):
    """One periodic look at who may do what (ICH E6(R3) 4.3.8), with what was found."""

    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    accounts = models.PositiveIntegerField()
    findings = models.TextField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(findings=""), name="a review says what was found"
            ),
        )

    def __str__(self) -> str:
        return f"access review of {self.reviewed_at:%Y-%m-%d}"


def active_memberships(user: Any) -> "models.QuerySet[Membership]":
    """The roles that an account holds now, with their centres."""
    return Membership.objects.filter(user=user, revoked_at=None).select_related("centre")
