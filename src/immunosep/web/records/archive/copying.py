"""All that an archive holds of one participant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from immunosep.protocol.check_blocks import WHOLE
from immunosep.protocol.consent import WithdrawalKind
from immunosep.web.casebook.locked import is_locked
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.scoring import Score
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.verdicts import state_label
from immunosep.web.records.archive.course import course_of
from immunosep.web.records.archive.joining import joining_of
from immunosep.web.records.archive.pages import PAGES, PageCopy, copies_of
from immunosep.web.records.archive.sheets import Sheet, head_of, in_words
from immunosep.web.trial import trial_of

BESIDE = ("doses", "serious_events", "deviations", "judgements", "unblinding")
CLOSING = ("signatures", "locks", "trail")
INDEX = ("state", "joined_at", "pages", "questions_not_closed", "signed", "locked")


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One participant, or a patient who did not join: what the page says, and its tables."""

    patient: Patient
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    pages: tuple[PageCopy, ...]
    sheets: tuple[Sheet, ...]
    listed: tuple[str, ...]  # the line of the index, in the order of `INDEX`

    @property
    def line(self) -> list[tuple[str, str]]:
        """The same with its headings."""
        return [(head_of(name), text) for name, text in zip(INDEX, self.listed, strict=True)]

    @property
    def joining(self) -> list[Sheet]:
        """What comes before the casebook."""
        return [each for each in self.sheets if each.rows and each.id not in (*BESIDE, *CLOSING)]

    @property
    def beside(self) -> list[Sheet]:
        """What stands beside it."""
        return [each for each in self.sheets if each.rows and each.id in BESIDE]

    @property
    def closing(self) -> list[Sheet]:
        """What was said of all of it, and the trail."""
        return [each for each in self.sheets if each.rows and each.id in CLOSING]

    @property
    def everything(self) -> Iterator[Sheet]:
        """Every table, for the files: with the list of pages and what each page has."""
        yield from self.sheets
        of = (("participant", self.patient.pk),)
        rows = tuple(page.row for page in self.pages)
        centre = self.patient.centre
        yield Sheet(centre=centre, id="pages", label="Pages", columns=PAGES, rows=rows, of=of)
        for page in self.pages:
            yield from (page.entries, page.steps, page.turns)


def copy_of(
    patient: Patient,
    *,
    scores: Mapping[int, Score | None],
    planned: Iterable[Mapping[str, Any]],
    trial_locked: bool,
) -> Copy:
    """Read one patient whole; `planned` are the rows of `tables/doses`."""
    pages = copies_of(patient, scores, trial_locked=trial_locked)
    held = [each.page for each in pages]
    sheets = (*joining_of(patient), *course_of(patient, held, planned))
    signed = any(row[0] == WHOLE and row[-1] for row in _rows(sheets, "signatures"))
    locked = is_locked(patient)
    allocation = getattr(patient, "allocation", None)
    state = _state(patient)
    line = (
        state, in_words(allocation.allocated_at if allocation else None, patient.centre),
        str(len(pages)), str(sum(_open_questions(page) for page in held)),
        in_words(signed, patient.centre), in_words(locked, patient.centre),
    )  # fmt: skip
    return Copy(
        patient=patient,
        facts=tuple(_facts(patient, state, signed=signed, locked=locked)),
        warnings=tuple(_warnings(patient)),
        pages=tuple(pages),
        sheets=sheets,
        listed=line,
    )


def _rows(sheets: Iterable[Sheet], id_: str) -> Iterator[tuple[Any, ...]]:
    return (row for sheet in sheets if sheet.id == id_ for row in sheet.rows)


def _open_questions(page: Page) -> int:
    return sum(query.status != query.Status.CLOSED for query in page.queries.all())


def _state(patient: Patient) -> str:
    if hasattr(patient, "allocation"):
        return "withdrew" if patient.withdrawals.all() else "randomised"
    return "not enrolled" if hasattr(patient, "not_enrolled") else "screened"


def _facts(
    patient: Patient, state: str, *, signed: bool, locked: bool
) -> Iterator[tuple[str, str]]:
    centre, allocation = patient.centre, getattr(patient, "allocation", None)
    yield "Centre", f"{centre}, {centre.country}"
    yield "State", state
    yield "Added", f"{in_words(patient.added_at, centre)} by {patient.added_by.name}"
    if allocation is None:
        return
    at, by = in_words(allocation.allocated_at, centre), allocation.allocated_by.name
    yield "Randomised", f"{at} by {by}"
    yield "Immune state, as randomised", str(state_label(allocation.immune_state, trial_of(centre)))
    yield "Stratum", f"{allocation.slot.stratum.key}, place {allocation.slot.position}"
    yield "Version of the trial, as randomised", allocation.trial_digest
    yield "Whole casebook signed", in_words(signed, centre)
    yield "Records locked", in_words(locked, centre)


def _warnings(patient: Patient) -> Iterator[str]:
    kinds = {each.kind for each in patient.withdrawals.all()}
    if WithdrawalKind.ALL_ERASE_DATA in kinds:
        yield (
            "Consent to everything was taken back: nothing that was collected may be used. It is "
            "kept here because it happened; the tables for analysis leave it out."
        )
    elif WithdrawalKind.ALL_KEEP_DATA in kinds:
        yield "Consent to everything was taken back; what was collected before may be used."
    allocation = getattr(patient, "allocation", None)
    if allocation and hasattr(allocation, "in_error"):
        error = allocation.in_error
        yield (
            f"Marked as randomised in error on {in_words(error.recorded_at, patient.centre)} by "
            f"{error.recorded_by.name}: {error.reason}"
        )
