"""A hospital's records as patients to screen."""

from pathlib import Path

from immunosep.cli.output import progress
from immunosep.concepts.snapshot import PATIENTS
from immunosep.sources.bedside import Patients


def read_hospital(folder: Path) -> Patients:
    """One row per patient of a folder in the MIMIC-IV layout, at the moment a trial would look."""
    from immunosep.sources.mimic_iv.snapshot import read_snapshot

    schema = PATIENTS.schema().to_pyarrow()
    with progress(f"Reading {folder.name}"):
        rows = read_snapshot(folder).order_by("patient_id").to_pyarrow()
    return Patients(table=rows.select(schema.names).cast(schema))
