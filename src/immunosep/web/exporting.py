"""What leaves a site for people who do not trust it: allocations, the sealed code, the trail.

Nothing in it tells an arm. `immunosep code verify` replays the allocations once the code is opened;
the trail is checked with Python alone (`audit.offline`).
"""

import csv
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from immunosep.errors import RefusedError
from immunosep.randomisation.code_files import code_text
from immunosep.web.audit.export import export_trail
from immunosep.web.code.models import Code
from immunosep.web.code.stored import stored_code
from immunosep.web.enrolment.models import Allocation

ALLOCATIONS, CODE, TRAIL = "allocations.csv", "code.json", "trail"
COLUMNS = (
    "stratum", "position", "participant", "centre", "state", "allocated_at", "trial_digest",
    "sealed",
)  # fmt: skip


def export_site(folder: Path, *, now: datetime) -> tuple[str, ...]:
    """Write the three into a new folder; the names of what was written."""
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError(
            "the site cannot be exported",
            [f"{folder} is not empty; expected a new folder, so that nothing is overwritten."],
        )
    export_trail(folder / TRAIL, now=now)
    _write_allocations(folder / ALLOCATIONS)
    code = stored_code(Code.objects.get(active=True))
    (folder / CODE).write_text(code_text(code), encoding="utf-8")
    return (ALLOCATIONS, CODE, f"{TRAIL}/")


def _write_allocations(path: Path) -> None:
    made = Allocation.objects.order_by("pk").select_related("slot__stratum", "patient")
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_row(allocation) for allocation in made.iterator())


def _row(allocation: Allocation) -> tuple[object, ...]:
    """In the order of COLUMNS."""
    slot = allocation.slot
    return (
        slot.stratum.key,
        slot.position,
        allocation.patient_id,
        allocation.patient.centre_id,
        allocation.immune_state,
        allocation.allocated_at.astimezone(UTC).isoformat(),
        allocation.trial_digest,
        b64encode(bytes(slot.sealed)).decode("ascii"),
    )
