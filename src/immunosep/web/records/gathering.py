"""What every table is made from, read once: participants and the values of their pages.

A participant who took back their data is counted (`withdrew_data`) and never read further.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from immunosep.protocol.check_blocks import WHOLE
from immunosep.protocol.consent import WithdrawalKind
from immunosep.protocol.trial import Trial
from immunosep.web.casebook.forms import find_form, find_visit
from immunosep.web.casebook.hidden import shown
from immunosep.web.casebook.locked import locked_centres, locked_participants, trial_lock
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.signatures import signatures_of, standing
from immunosep.web.casebook.values import row_of, values_of_pages
from immunosep.web.enrolment.models import Allocation, Dose, Patient
from immunosep.web.trial import trial_of

ERASED = WithdrawalKind.ALL_ERASE_DATA
Kept = tuple[Page, Mapping[str, Any]]  # a page with its values as they are kept


@dataclass(frozen=True, kw_only=True, eq=False)
class Casebook:
    """One participant: the allocation, each page with what it says, and every dose given."""

    allocation: Allocation
    trial: Trial
    withdrew_data: bool
    locked: bool
    signed: bool  # the investigator's name stands under all of it as it is now
    pages: tuple[Kept, ...]
    doses: tuple[Dose, ...]

    @property
    def participant(self) -> str:
        """The participant's number."""
        return str(self.allocation.patient_id)

    @cached_property
    def first_dose(self) -> datetime | None:
        """When day 1 began."""
        return min((dose.given_at for dose in self.doses), default=None)

    def visits_with(self, *columns: str) -> Iterator[Kept]:
        """The pages of visits, unscheduled ones too, whose form asks for any of some columns."""
        for page, values in self.pages:
            if page.visit and not self._asks(page).isdisjoint(columns):
                yield page, values

    def planned_with(self, *columns: str) -> Iterator[Kept]:
        """The same without the unscheduled ones: one for each day and form."""
        return ((page, said) for page, said in self.visits_with(*columns) if page.number == 1)

    def entries_of(self, column: str) -> Iterator[tuple[Page, dict[str, Any]]]:
        """The pages that say something in a column, in the dictionary's units."""
        return ((page, row_of(said)) for page, said in self.pages if said.get(column) is not None)

    def day_of(self, page: Page) -> int:
        """The day of the schedule that a visit's page belongs to."""
        return find_visit(page.visit, self.trial).day

    def last(self, column: str) -> Any:
        """What the latest page says of a column, if any does."""
        return next(reversed(self.all_of(column)), None)

    def all_of(self, column: str) -> list[Any]:
        """What the pages say of a column, the first first."""
        return [row[column] for _, row in self.entries_of(column)]

    def _asks(self, page: Page) -> frozenset[str]:
        return frozenset(find_form(page.form, self.trial).columns)


def casebooks(allocations: Iterable[Allocation], *, trial_locked: bool) -> list[Casebook]:
    """Every participant's, in a fixed number of queries, without what is hidden now."""
    held = list(allocations)
    patients = [each.patient for each in held]
    pages = list(Page.objects.filter(patient__in=patients).order_by("id"))
    values = values_of_pages(pages)
    signed = signatures_of(patients, pages)
    locked = _locked(patients)
    theirs: dict[str, list[Page]] = {str(patient.pk): [] for patient in patients}
    for page in pages:
        theirs[str(page.patient_id)].append(page)
    return [
        _casebook(
            each,
            [(page, values[page.pk]) for page in theirs[str(each.patient_id)]],
            trial_locked=trial_locked,
            locked=each.patient_id in locked,
            signed=WHOLE in standing(signed[each.patient_id]),
        )
        for each in held
    ]


def _locked(patients: Iterable[Patient]) -> set[str]:
    """The numbers of those whose records are locked, by whichever lock."""
    whole, centres, people = trial_lock(), locked_centres(), locked_participants()
    return {
        str(patient.pk)
        for patient in patients
        if whole or patient.centre_id in centres or patient.pk in people
    }


def _casebook(
    allocation: Allocation,
    pages: Iterable[Kept],
    *,
    trial_locked: bool,
    locked: bool,
    signed: bool,
) -> Casebook:
    trial = trial_of(allocation.patient.centre)
    erased = any(each.kind == ERASED for each in allocation.patient.withdrawals.all())
    seen = tuple(
        (page, shown(find_form(page.form, trial), values, trial_locked=trial_locked))
        for page, values in pages
    )
    return Casebook(
        allocation=allocation,
        trial=trial,
        withdrew_data=erased,
        locked=locked and not erased,
        signed=signed and not erased,
        pages=() if erased else seen,
        doses=() if erased else tuple(allocation.doses.all()),
    )
