"""A message to everybody who holds a permission, each in the language they have chosen."""

from collections.abc import Sequence

from django.core.mail import send_mail

from immunosep.languages import said
from immunosep.web.accounts.access import permissions_of
from immunosep.web.accounts.models import Membership
from immunosep.web.accounts.roles import Permission
from immunosep.web.accounts.speaking import speaking_to


def mail_holders(
    permission: Permission, *, centre: str, subject: str, lines: Sequence[str]
) -> None:
    """One message to each, at that centre or at all."""
    held = Membership.objects.filter(revoked_at=None, user__is_active=True).select_related("user")
    users = {
        each.user.email: each.user
        for each in held
        if permission in permissions_of(each) and each.centre_id in (None, centre)
    }
    for address, user in sorted(users.items()):
        with speaking_to(user):
            body = "\n".join([*map(said, lines), ""])
            send_mail(said(subject), body, None, [address])
