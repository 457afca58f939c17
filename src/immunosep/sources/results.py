"""Results of many people as one file has them: single values, each with whose, when, in what unit.

One `Result` is one value of one column of one person. What is not taken is a `Refused`, with its
reason and never with its value. A table (`result_files`) and a FHIR Bundle (`fhir`) are read into
these; what may be recorded of them is for the caller to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PARTICIPANT = "urn:immunosep:participant"
"""The system of an identifier that is a participant's number in the trial."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One value as it was sent; `text` is the number as written, in `unit` or the column's own.

    `person` is their number in the trial. `at` is a moment of ISO 8601, by the clock on the wall
    where it has no offset, or empty. `visit` and `reason` are the file's own, where it has them.
    """

    place: str
    person: str
    column: str
    text: str
    unit: str = ""
    at: str = ""
    visit: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Something that was not taken: where it stands, of which column if that is known, and why.

    Not `faulty` is what is no mistake of the file: a heart rate, a result that is not final yet.
    """

    place: str
    reason: str
    column: str = ""
    faulty: bool = True


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything a file says, and everything of it that was not taken, in the file's order."""

    taken: Sequence[Result] = ()
    refused: Sequence[Refused] = ()
    notes: Sequence[str] = ()
