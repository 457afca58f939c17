"""Where does the trial's hourly SOFA differ from mimic-code's, and why? Prints a Markdown table.

Each choice of the trial is put into mimic-code's reading by itself, on mimic-code's own hours, and
the stay-hours whose total, or whose missing components, then differ are counted.

    python benchmarks/sofa_profiles.py MIMIC_IV_FOLDER
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from ibis.backends.duckdb import Backend
from ibis.expr import types as ir

from immunosep.concepts.sofa import COMPONENTS
from immunosep.concepts.sofa_hourly import derive_hour_rows, derive_hourly_sofa
from immunosep.concepts.sofa_profiles import MIMIC_CODE, TRIAL, Profile
from immunosep.sources.extract import connect, fetch, materialise
from immunosep.sources.mimic_iv.hourly import events_of
from immunosep.sources.mimic_iv.tables import read_tables
from immunosep.tables.events import Events

SUPPORT = ["support_invasive", "support_non_invasive"]
BY_PATIENT = replace(MIMIC_CODE, charted_of="patient")


@dataclass(frozen=True, eq=False)
class Cause:
    """One choice: what it is compared with, and what takes its place."""

    name: str
    before: tuple[Events, Profile]
    after: tuple[Events, Profile]


def causes(theirs: Events, ours: Events) -> Iterator[Cause]:
    """Every choice in which the two readings differ, one at a time."""
    base, by_patient = (theirs, MIMIC_CODE), (theirs, BY_PATIENT)

    def profile(name: str, **choice: object) -> Cause:
        return Cause(name, base, (theirs, replace(MIMIC_CODE, **choice)))  # type: ignore[arg-type]

    def charted(name: str, *variables: str, **choice: object) -> Cause:
        mixed = replace(theirs, numbers=_mixed(theirs.numbers, ours.numbers, variables))
        return Cause(name, by_patient, (mixed, replace(BY_PATIENT, **choice)))  # type: ignore[arg-type]

    yield profile("a component nothing is known of stays unknown", missing_as_normal=False)
    yield profile("laboratory by patient, not by admission", laboratory_of="patient")
    yield profile("charted values by patient, not by stay", charted_of="patient")
    yield profile("an event on the hour belongs to the hour that begins", hour_includes="start")
    yield profile("a dose counts once kept an hour, not at the hour's end", dose="kept_an_hour")
    yield charted("each pressure by itself, not the mean of a minute", "map_mmhg")
    yield charted(
        "GCS with a tube: the last before it, not 15; a part missing: unknown, not best",
        "gcs", "gcs_intubated", gcs_intubated="before_tube",
    )  # fmt: skip
    yield charted(
        "urine as charted in 24 h, not scaled from 22 to 30 h",
        "urine_ml", "urine_ml_day", urine="collected",
    )  # fmt: skip
    support = replace(
        theirs, texts=ours.texts, infusions=_mixed(theirs.infusions, ours.infusions, SUPPORT)
    )
    advanced = replace(BY_PATIENT, pairing=TRIAL.pairing)
    yield Cause(
        "support is any advanced support, not intubation alone", by_patient, (support, advanced)
    )
    oxygen = replace(
        theirs, numbers=_mixed(theirs.numbers, ours.numbers, ("fio2_percent", "pao2_mmhg"))
    )
    yield Cause("oxygen fraction from 21, not 20 percent", by_patient, (oxygen, BY_PATIENT))


def _mixed(theirs: ir.Table, ours: ir.Table, variables: list[str] | tuple[str, ...]) -> ir.Table:
    kept = theirs.filter(~theirs.variable.isin(variables))
    return kept.union(ours.filter(ours.variable.isin(variables)))


def _scored(connection: Backend, reading: tuple[Events, Profile], name: str) -> ir.Table:
    events, profile = reading
    rows = derive_hour_rows(events, profile)
    return materialise(connection, derive_hourly_sofa(rows, events.stays, profile), name)


def count(connection: Backend, cause: Cause) -> dict[str, int]:
    """Stay-hours and stays that differ in the total or in what is missing, and the components."""
    before = _scored(connection, cause.before, "before").rename("{name}_before")
    after = _scored(connection, cause.after, "after")
    both = after.join(before, [("stay_id", "stay_id_before"), ("hr", "hr_before")])
    differs = {
        name: ~both[f"{name}_24hours"].identical_to(both[f"{name}_24hours_before"])
        for name in COMPONENTS
    }
    total = both.sofa_24hours - both.sofa_24hours_before
    any_differs = differs["respiration"]
    for name in COMPONENTS[1:]:
        any_differs = any_differs | differs[name]
    summary = both.aggregate(
        hours=any_differs.sum(),
        stays=both.stay_id.nunique(where=any_differs),
        higher=(total > 0).sum(),
        lower=(total < 0).sum(),
    )
    return fetch(connection, summary)[0]


def _kept(connection: Backend, events: Events, prefix: str) -> Events:
    tables = {
        part.name: materialise(connection, getattr(events, part.name), f"{prefix}_{part.name}")
        for part in fields(Events)
    }
    return Events(**tables)


def main(folder: str) -> None:
    """Print one row for each cause."""
    connection = connect()
    tables = read_tables(connection, folder)
    theirs = _kept(connection, events_of(connection, tables, profile=MIMIC_CODE), "theirs")
    ours = _kept(connection, events_of(connection, tables, profile=TRIAL), "ours")
    print("| cause | stay-hours | stays | total higher | total lower |\n|---|---|---|---|---|")
    for cause in causes(theirs, ours):
        found = count(connection, cause)
        print(
            f"| {cause.name} | " + " | ".join(f"{value or 0:,}" for value in found.values()) + " |"
        )
    for name, events, profile in (("mimic-code", theirs, MIMIC_CODE), ("trial", ours, TRIAL)):
        hours = _scored(connection, (events, profile), "whole")
        print(f"{name}: {hours.count().execute():,} stay-hours")


if __name__ == "__main__":
    main(sys.argv[1])
