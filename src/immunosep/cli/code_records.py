"""`immunosep code records`: a trial's records with the true arms, for whoever holds the key."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import typer

from immunosep.cli.code_opening import opened_code
from immunosep.errors import CodeError, RefusedError
from immunosep.sources.records import Arms, read_files, write_records

PARTICIPANTS = "participants"


def run_records(
    records: Path, path: Path, *, key: Path, out: Path, passphrase_file: Path | None
) -> None:
    """Write the records again into a new folder, with the arm of each participant's place."""
    if out.exists() and any(out.iterdir()):
        raise RefusedError(
            "the records cannot be written",
            [f"{out} is not empty; expected a new folder, so that nothing is overwritten."],
        )
    manifest, tables = read_files(records)
    code, opened = opened_code(path, key, passphrase_file)
    if manifest.trial != code.trial:
        raise CodeError(
            f"the records are of trial {manifest.trial!r} and the code is of {code.trial!r}. Name "
            "the code that the site was given"
        )
    arm_of = {(slot.stratum, slot.position): slot.arm for slot in opened.slots}
    people = tables[PARTICIPANTS]
    places = [(row["stratum"], row["position"]) for row in people.to_pylist()]
    strangers = sum(place not in arm_of for place in places)
    if strangers:
        raise CodeError(
            f"{strangers} participants have a place that the code does not have. Name the code "
            "that the site was given"
        )
    arms = pa.array([arm_of[place] for place in places], pa.string())
    at = people.schema.get_field_index("arm")
    tables[PARTICIPANTS] = people.set_column(at, people.schema.field(at), arms)
    write_records(tables, out, manifest=replace(manifest, arms=Arms.REAL))
    typer.echo(f"{out}: {len(places)} participants with their arms. Unblinded: keep it so")
