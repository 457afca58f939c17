"""Writing the records: every table as it stands at one moment, with a manifest.

Arms are invented (`people.dummy_arm`), and the manifest says so: whoever holds the code key fills
the true ones in elsewhere (`immunosep code records`). What hints at an arm is left out, as on every
page (`casebook.hidden`). The manifest names the newest version that is live anywhere; each
participant has the one they were randomised under. The tables and the lock are read in one
transaction, and the export is in the audit trail.
"""

from datetime import datetime
from pathlib import Path

from immunosep import __version__
from immunosep.errors import RefusedError
from immunosep.sources.records import Arms, Manifest, write_records
from immunosep.web.amendments.proposing import newest_live
from immunosep.web.audit.actions import Actor, record
from immunosep.web.casebook.locked import trial_lock
from immunosep.web.records.tables import one_moment, tables_of


def export_records(folder: Path, *, by: Actor, role: str = "", now: datetime) -> Manifest:
    """Write the tables into a new folder, and say in the manifest whether they are locked."""
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError(
            "the records cannot be written",
            [f"{folder} is not empty; expected a new folder, so that nothing is overwritten."],
        )
    with one_moment():
        lock = trial_lock()
        tables = tables_of(trial_locked=lock is not None)
    trial = newest_live()
    manifest = Manifest(
        trial=trial.id,
        trial_version=trial.version,
        trial_digest=trial.digest,
        arms=Arms.DUMMY,
        written_s=int(now.timestamp()),
        locked_s=None if lock is None else int(lock.at.timestamp()),
        software=__version__,
    )
    written = write_records(tables, folder, manifest=manifest)
    record(
        "records.export", by=by, role=role, now=now, subject="the trial's records",
        after={name: file.sha256 for name, file in written.files.items()},
    )  # fmt: skip
    return written
