"""The casebook: which columns are recorded of a participant after randomisation, and how closely.

A form is columns of `tables.casebook` and rules about them, so another trial needs no other table.
A form that names an `assessment` has a page on each day of the schedule that asks for it; one that
`repeats` is a log, with as many pages as there are events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ibis.expr import types as ir

from immunosep.protocol.forms import FilledBy


class Severity(StrEnum):
    """What becomes of a page that an edit check finds fault with."""

    REFUSED = "refused"  # it cannot be so: nothing is saved
    QUERIED = "queried"  # saved, with a query to whoever entered it


@dataclass(frozen=True, eq=False, kw_only=True)
class EditCheck:
    """A rule on `tables.casebook.CASE` that a sound page fulfils; unknown is no fault.

    `says` tells whoever entered the page what to look at; `columns` are marked.
    """

    id: str
    rule: ir.BooleanValue
    says: str
    columns: tuple[str, ...]
    severity: Severity = Severity.QUERIED


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How much of a form a monitor compares with the source (ICH E6(R3) 3.11.4.5).

    `share` of the participants, drawn by the trial; of a page, `columns`, or all if none is named.
    """

    share: float
    columns: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class CaseForm:
    """One form of the casebook.

    `required` must be answered before a page is complete. `asked_if` asks for a column only where
    another has one of the values given. What is in `hidden` hints at the arm: nobody blinded sees
    it once entered, not even when the records are locked, unless `shown_when_locked` (ICH E6(R3)
    4.1). No check may turn on its value, only on whether there is one.
    """

    id: str
    label: str
    columns: tuple[str, ...]
    filled_by: FilledBy = FilledBy.BEDSIDE
    assessment: str = ""
    repeats: bool = False
    required: tuple[str, ...] = ()
    asked_if: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    shown_when_locked: bool = False
    checks: tuple[EditCheck, ...] = ()
    verification: Verification | None = None
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class VisitBlock:
    """Visits that an investigator signs together, from day `first` to day `last`.

    Endorsement by block, not only at the end: ICH E6(R3) 3.16.1(o). The casebook as a whole is
    signed besides.
    """

    id: str
    label: str
    first: int
    last: int
