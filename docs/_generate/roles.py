"""docs/reference/roles.md: what each role of the website is for, and what it may do."""

from docs._generate import markdown
from immunosep.web.accounts.roles import ROLES, Description, Permission, Role


def page() -> str:
    """A row for each role, then for each permission the roles that have it."""
    return markdown.page(
        markdown.table(
            ["role", "what it is for", "where", "blinding"],
            [
                [
                    f"`{role.value}`",
                    held.about,
                    "one centre" if held.at_centre else "the whole trial, or one centre",
                    "blinded" if held.blinded else "**unblinded**",
                ]
                for role, held in ROLES.items()
            ],
        ),
        "## What each may do",
        markdown.table(
            ["permission", "who"],
            [[permission.value, _holders(permission)] for permission in Permission],
        ),
    )


def _holders(permission: Permission) -> str:
    holding = [role for role, held in ROLES.items() if _has(held, permission)]
    return ", ".join(f"`{role.value}`" for role in holding)


def _has(held: Description, permission: Permission) -> bool:
    return permission in held.permissions


def names() -> list[str]:
    """Every role, as the page writes it."""
    return [role.value for role in Role]
