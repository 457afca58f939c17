"""Writing a centre's archive: whole, or not at all; the same database gives the same bytes.

Nothing in it says when it was written: that is in the audit trail, with the digest of the list of
digests. It is read at one moment, and written once that is over.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string

from immunosep import __version__
from immunosep.errors import ImmunosepError, RefusedError
from immunosep.languages import ENGLISH, speaking
from immunosep.tables.records import RECORDS
from immunosep.web.audit.actions import Actor, record
from immunosep.web.audit.models import Event
from immunosep.web.casebook.hidden import trial_is_locked
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Patient
from immunosep.web.records.archive.centre import centre_sheets
from immunosep.web.records.archive.copying import INDEX, Copy, copy_of
from immunosep.web.records.archive.pages import scores_at
from immunosep.web.records.archive.sheets import Sheet, as_csv, head_of, written
from immunosep.web.records.tables import one_moment, tables_of
from immunosep.web.trial import trial_of

SUMS, README = "SHA256SUMS", "README.txt"
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
ARM = "arm"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What was written: how many patients, and the digest of the list of digests."""

    centre: Centre
    patients: int
    files: int
    sha256: str
    hidden: bool  # results that may hint at the treatment are left out


@dataclass(frozen=True, kw_only=True)
class Read:
    """All that an archive says, as it was at one moment."""

    centre: Centre
    copies: tuple[Copy, ...]
    centre_sheets: tuple[Sheet, ...]
    tables: Mapping[str, Any]
    as_of: datetime | None  # when the last thing in it was recorded
    trial_locked: bool


def write_archive(
    folder: Path, centre: Centre, *, by: Actor, role: str = "", now: datetime
) -> Archive:
    """Write a centre's archive into a new folder, and say so in the audit trail."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(
            "the archive cannot be written",
            [f"{folder} is not empty; expected a new folder, so that nothing is overwritten."],
        )
    with one_moment():
        read = read_archive(centre)
    with _folder_beside(folder) as part:
        digests = _write(part, _files(read))
        made = Archive(
            centre=centre, patients=len(read.copies), files=len(digests),
            sha256=_sha256((part / SUMS).read_bytes()), hidden=not read.trial_locked,
        )  # fmt: skip
        with transaction.atomic():
            record(
                "records.archive", by=by, role=role, now=now, subject=f"archive of {centre.pk}",
                centre=centre.pk, time_zone=centre.time_zone,
                after={"files": made.files, SUMS: made.sha256},
            )  # fmt: skip
            part.rename(folder)
    return made


def find_centre(name: str) -> Centre:
    """The centre with an id or a number; RefusedError lists those there are."""
    centres = list(Centre.objects.all())
    for centre in centres:
        if name in (centre.pk, centre.number):
            return centre
    known = ", ".join(centre.pk for centre in centres)
    raise RefusedError(
        "the archive cannot be written",
        [f"there is no centre {name!r}; expected an id or a number of {known}"],
    )


def read_archive(centre: Centre) -> Read:
    """Everything of one centre that a blinded investigator may see."""
    trial_locked = trial_is_locked()
    tables = {
        name: rows.to_pylist()
        for name, rows in tables_of(trial_locked=trial_locked, centre=centre).items()
    }
    planned: dict[str, list[Mapping[str, Any]]] = {}
    for row in tables["doses"]:
        planned.setdefault(row["participant"], []).append(row)
    scores = scores_at(centre)
    people = Patient.objects.filter(centre=centre).order_by("number").select_related(
        "added_by", "centre", "allocation__allocated_by", "allocation__slot__stratum",
        "allocation__in_error__recorded_by", "not_enrolled__recorded_by",
    )  # fmt: skip
    copies = tuple(
        copy_of(each, scores=scores, planned=planned.get(each.pk, ()), trial_locked=trial_locked)
        for each in people
    )
    events = Event.objects.filter(centre=centre.pk).exclude(participant="")
    return Read(
        centre=centre,
        copies=copies,
        centre_sheets=tuple(centre_sheets(centre)),
        tables={name: _without_arms(rows) for name, rows in tables.items()},
        as_of=events.aggregate(last=Max("at"))["last"],
        trial_locked=trial_locked,
    )


def _without_arms(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the invented ones either: in a centre's own copy they would be taken for true."""
    return [{name: value for name, value in row.items() if name != ARM} for row in rows]


def _files(read: Read) -> Iterator[tuple[str, str]]:
    """Every file but the digests, by its name."""
    about = {
        "read": read,
        "centre": read.centre,
        "trial": trial_of(read.centre),
        "software": __version__,
        "style": _style(),
        "heads": [head_of(name) for name in INDEX],
    }
    with speaking(ENGLISH):
        yield README, render_to_string("records/readme.txt", about)
        yield "index.html", render_to_string("records/index.html", about)
        for copy in read.copies:
            name = f"participants/{copy.patient.pk}.html"
            yield name, render_to_string("records/participant.html", about | {"copy": copy})
    yield from _csv_files(read)


def _csv_files(read: Read) -> Iterator[tuple[str, str]]:
    """The lines of the pages, one file for all participants; and the tables for analysis."""
    kinds: dict[str, list[Sheet]] = {sheet.id: [sheet] for sheet in read.centre_sheets}
    for copy in read.copies:
        for sheet in copy.everything:
            kinds.setdefault(sheet.id, []).append(sheet)
    for id_, sheets in kinds.items():
        yield f"lines/{id_}.csv", as_csv(sheets)
    for name, rows in read.tables.items():
        heads = [each for each in RECORDS[name].columns if each != ARM]
        yield f"tables/{name}.csv", written(heads, ([row[h] for h in heads] for row in rows))


def _style() -> str:
    """The site's own style sheet: each page carries it, so that it needs no other file."""
    path = Path(settings.STATICFILES_DIRS[0]) / "immunosep" / "style.css"
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Write them, and their digests as `sha256sum -c` reads them."""
    digests = {}
    for name, text in files:
        data = text.encode()
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        digests[name] = _sha256(data)
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    (folder / SUMS).write_text(lines, encoding="utf-8", newline="\n")
    return digests


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


@contextmanager
def _folder_beside(folder: Path) -> Iterator[Path]:
    """A folder on the same disk to write into; what is left of it afterwards is taken away."""
    try:
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
        try:
            yield part
        finally:
            with suppress(OSError):
                shutil.rmtree(part)
    except OSError as error:
        raise ImmunosepError(
            f"the archive {folder} cannot be written: {error.strerror}; nothing was left there. "
            "Name a new folder in one that exists, that you may write to, and that has room."
        ) from None
