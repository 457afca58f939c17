"""Files of results, as a laboratory or a ward gives them, and what becomes of them."""

from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from immunosep.web.accounts.models import User
from immunosep.web.importing.models import Import
from immunosep.web.importing.recording import Choice, kept_of, left_out_of, record_import, take_in
from immunosep.web.importing.rehearsing import Line
from tests.web.people import NOW

AT = "2026-03-02T09:00"  # by Jena's clock, an hour before NOW
DAY_2 = NOW + timedelta(days=1, hours=2)
OF_LABORATORY = "number,moment,ferritin_ng_ml,hla_dr_per_monocyte"
OF_WARD = "number,moment,day_status,platelets_10e3_ul,creatinine [umol/L]"


def table(*lines: str, header: str = OF_LABORATORY) -> bytes:
    """A file of one line per sample."""
    return "\n".join((header, *lines)).encode()


def given(by: User, *lines: str, header: str = OF_LABORATORY, now: datetime = NOW) -> Import:
    """A file that somebody gave, not recorded yet."""
    return take_in(table(*lines, header=header), by=by, now=now)


def recorded(
    by: User, *lines: str, header: str = OF_LABORATORY, now: datetime = NOW, **choice: object
) -> Import:
    """The same, recorded."""
    held = given(by, *lines, header=header, now=now)
    return record_import(held.pk, Choice(**choice), by=by, now=now)  # type: ignore[arg-type]


def lines_of(held: Import, now: datetime = NOW) -> list[Line]:
    """What recording it would do."""
    kept = kept_of(held, now=now)
    assert kept is not None
    return list(kept.preview.lines)


def becomes(held: Import, now: datetime = NOW) -> list[str]:
    """New, changed or the same, for each result."""
    return [line.becomes for line in lines_of(held, now)]


def reasons(held: Import, now: datetime = NOW) -> list[tuple[str, str, str]]:
    """What is refused or left out."""
    left_out = left_out_of(held, now=now)
    assert left_out is not None
    return [(each.place, each.column, each.reason) for each in left_out]


def upload(*lines: str, header: str = OF_LABORATORY) -> dict[str, SimpleUploadedFile]:
    """What a browser sends."""
    return {"file": SimpleUploadedFile("results.csv", table(*lines, header=header))}
