"""How allauth makes and finds accounts here: nobody signs up, an administrator does it for them.

Each hook that allauth offers for coming, going and changing writes its line of the audit trail.
"""

import base64
import io
import secrets
from typing import Any

import qrcode  # type: ignore[import-untyped]  # publishes no types
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone, translation
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

from immunosep.web.accounts import log_ins, sealing
from immunosep.web.accounts.hospital import Hospital, belongs_to_its_question
from immunosep.web.accounts.models import User
from immunosep.web.accounts.open_log_ins import browser_of
from immunosep.web.accounts.second_factor import may_remove
from immunosep.web.accounts.speaking import speaking_to

OWN_LINE = ("account/", "mfa/email/recovery_codes")  # passwords and codes write theirs themselves


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Log-in with an account that exists, and what is written of it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a person without an account asks the administrator."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """The last step of every way in; the session gets a new key and a new beginning."""
        methods = [record["method"] for record in get_authentication_records(request, user)]
        super().login(request, user)
        now = timezone.now()
        request.session["began"] = request.session["last_seen"] = now.timestamp()
        request.session["browser"] = browser_of(request.headers.get("User-Agent", ""))
        log_ins.note_log_in(user, methods=methods, now=now)

    def logout(self, request: HttpRequest) -> None:
        """Somebody leaves of their own accord."""
        if isinstance(request.user, User):
            log_ins.note_log_out(request.user, now=timezone.now())
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, or an address nobody has: the page says the same."""
        again = request.user if isinstance(request.user, User) else None
        log_ins.note_failed_log_in(
            credentials.get("email", ""), reauthenticating=again, now=timezone.now()
        )

    def set_password(self, user: User, password: str) -> None:
        """A password changed or reset."""
        log_ins.change_password(user, password, now=timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail is in the language its reader has chosen, else in that of the page it is from."""
        with speaking_to(context.get("user"), otherwise=translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: User, *more: Any, **kw: Any
    ) -> None:
        """Called whenever a way to log in is added, removed or renewed: its owner is told."""
        if not template_prefix.startswith(OWN_LINE):
            what = template_prefix.rsplit("/", 1)[-1]
            log_ins.note_way_in(user, what, now=timezone.now())
        super().send_notification_mail(template_prefix, user, *more, **kw)


class HospitalAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Log-in through the hospital, for an account of the same verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the hospital's directory is wider than the trial's list of people."""
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> Hospital:
        """The one directory that the settings name."""
        return Hospital(request, app=super().get_provider(request, provider, client_id).app)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link to the account of the verified address, once; without one, say whom to ask."""
        if not belongs_to_its_question(sociallogin):
            log_ins.note_strange_hospital_answer(now=timezone.now())
            raise ImmediateHttpResponse(
                render(request, "socialaccount/authentication_error.html", status=403)
            )
        if sociallogin.is_existing:
            return
        addresses = [held.email for held in sociallogin.email_addresses if held.verified]
        known = User.objects.filter(email__in=[a.lower() for a in addresses], is_active=True)
        user = known.first()
        if user is None:
            log_ins.note_unknown_hospital_log_in(now=timezone.now())
            raise ImmediateHttpResponse(
                render(request, "socialaccount/no_account.html", status=403)
            )
        sociallogin.connect(request, user)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: sealed in the database, and kept where a role needs one."""

    def encrypt(self, text: str) -> str:
        """A stolen copy of the database makes no codes."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` sealed; under another secret key, what nobody can know.

        Never nothing: the codes of an empty secret are the same for everyone.
        """
        return sealing.open_sealed(encrypted_text) or _new_secret()

    def build_totp_svg(self, url: str) -> str:
        """The square to scan, on white, so that it reads in a dark page too."""
        drawn = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode("utf-8")

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not the last of somebody whose roles need one."""
        return may_remove(authenticator)


def _new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()  # of the length RFC 4226, 4, asks for
