"""Whom to ask about the trial, as the site's settings give it; nothing is made up where they don't.

`IMMUNOSEP_CONTACT` holds one or more of an e-mail address, a telephone number and words, with
commas between them. `IMMUNOSEP_OTHER_SITES` says where other trials run, as `id=address`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from immunosep.web import environment

TELEPHONE = re.compile(r"\+?[\d ()/-]{5,}")


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One way to reach the trial; `url` is empty for words."""

    words: str
    url: str


def contacts(given: Mapping[str, str]) -> tuple[Contact, ...]:
    """Each way the settings name, in their order."""
    return tuple(
        Contact(words=part, url=_address(part)) for part in environment.words(given, "CONTACT")
    )


def other_sites(given: Mapping[str, str]) -> dict[str, str]:
    """The address of the site that runs another trial, by the trial's id."""
    pairs = (part.partition("=") for part in environment.words(given, "OTHER_SITES"))
    return {id_.strip(): url.strip() for id_, sign, url in pairs if sign and url.strip()}


def _address(part: str) -> str:
    if "@" in part and " " not in part:
        return f"mailto:{part}"
    if TELEPHONE.fullmatch(part):
        return "tel:" + re.sub(r"[^\d+]", "", part)
    return ""
