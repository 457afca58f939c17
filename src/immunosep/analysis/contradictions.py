"""Where a trial's tables contradict each other, or the trial: one sentence each, with its rows."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from immunosep.protocol.endpoints import OrderedOutcome
from immunosep.protocol.trial import Trial
from immunosep.sources.records import Arms, Manifest

DAY_S = 86_400
MOST_ROWS = 5  # of the rows at fault so many are named
Tables = Mapping[str, pa.Table]

_OF_PARTICIPANTS = (
    "days", "samples", "doses", "status", "events", "medication", "procedures", "deviations",
    "queries",
)  # fmt: skip
_KEYS: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant",),
    "days": ("participant", "day"),
    "samples": ("participant", "day"),
    "doses": ("participant", "route", "number"),
    "status": ("participant", "day"),
    "events": ("participant", "number"),
    "screened": ("patient",),
}
_IN_ORDER = (
    ("randomised_s", "first_dose_s"),
    ("first_dose_s", "died_s"),
    ("last_alive_s", "died_s"),
)


def contradictions(tables: Tables, *, manifest: Manifest, trial: Trial) -> Iterator[str]:
    """Everything about these tables that cannot be true."""
    yield from _keys_twice(tables)
    yield from _unknown_participants(tables)
    yield from _arms(tables["participants"], manifest, trial)
    yield from _words(tables, trial)
    yield from _impossible_days(tables)
    yield from _impossible_order(tables["participants"])


def unlocked(tables: Tables, *, manifest: Manifest) -> Iterator[str]:
    """Why these records may still change."""
    advice = "lock them, or ask for a draft with --unlocked"
    if manifest.locked_s is None:
        yield f"they were not locked as a whole when they were written; {advice}"
    people = tables["participants"]
    for column in ("locked", "signed"):
        open_ = pc.and_(pc.invert(people[column]), pc.invert(people["data_withdrawn"]))
        if found := _said(open_):
            yield f"participants.parquet: {found} not {column}; {advice}"


def _keys_twice(tables: Tables) -> Iterator[str]:
    for name, key in _KEYS.items():
        rows = tables[name].select(key)
        numbered = rows.append_column("row", pa.array(range(rows.num_rows), pa.int64()))
        found = numbered.group_by(key).aggregate([("row", "max"), ("row", "count")])
        again = found.filter(pc.greater(found["row_count"], 1))["row_max"]
        if len(again):
            yield (
                f"{name}.parquet: {_count([row + 1 for row in again.to_pylist()])} repeat "
                f"{' and '.join(key)} of an earlier row; expected each once"
            )


def _unknown_participants(tables: Tables) -> Iterator[str]:
    people = tables["participants"]
    everybody = people["participant"].combine_chunks()
    withdrawn = people.filter(people["data_withdrawn"])["participant"].combine_chunks()
    for name in _OF_PARTICIPANTS:
        whose = tables[name]["participant"]
        unknown = pc.and_(whose.is_valid(), pc.invert(pc.is_in(whose, value_set=everybody)))
        if found := _said(unknown):
            yield (
                f"{name}.parquet: {found} of somebody who is not in participants.parquet; "
                "export both together"
            )
        if found := _said(pc.and_(whose.is_valid(), pc.is_in(whose, value_set=withdrawn))):
            yield (
                f"{name}.parquet: {found} of participants who took back their data; expected "
                "none: export again"
            )


def _arms(people: pa.Table, manifest: Manifest, trial: Trial) -> Iterator[str]:
    known = [arm.id for arm in trial.arms]
    arms, kept = people["arm"], pc.invert(people["data_withdrawn"])
    if found := _said(_other_word(arms, known)):
        yield (
            f"participants.parquet, column arm: {found} hold none of the trial's arms; expected "
            f"{' or '.join(known)}"
        )
    if manifest.arms is Arms.CLOSED:
        if found := _said(arms.is_valid()):
            yield (
                f"participants.parquet, column arm: {found} are filled, while the manifest says "
                "that the code is closed; export again"
            )
    elif found := _said(pc.and_(arms.is_null(), kept)):
        yield (
            f"participants.parquet, column arm: {found} are empty, while the manifest says that "
            f"the arms are {manifest.arms}; export again"
        )


def _words(tables: Tables, trial: Trial) -> Iterator[str]:
    allowed = {
        ("participants", "immune_state"): [state.id for state in trial.immune_states],
        ("days", "status"): ["present", "discharged", "dead", "not_assessed"],
        ("status", "status"): ["alive", "dead", "unknown"],
        ("participants", "infection_outcome"): _levels(trial),
    }
    for (name, column), words in allowed.items():
        if words and (found := _said(_other_word(tables[name][column], words))):
            yield (
                f"{name}.parquet, column {column}: {found} hold another word than "
                f"{', '.join(words)}"
            )


def _levels(trial: Trial) -> list[str]:
    """Of every ordered outcome; another word would be counted as not recorded."""
    definitions = [endpoint.definition for endpoint in trial.endpoints]
    ordered = [one for one in definitions if isinstance(one, OrderedOutcome)]
    return list(dict.fromkeys(level for one in ordered for level in one.levels))


def _impossible_days(tables: Tables) -> Iterator[str]:
    days = tables["days"]
    days = days.append_column("row", pa.array(range(days.num_rows), pa.int64()))
    present = days.filter(pc.equal(days["status"], "present"))
    dead = days.filter(pc.equal(days["status"], "dead"))
    dead = dead.group_by("participant").aggregate([("day", "min")])
    later = present.join(dead, "participant", join_type="inner")
    later = later.filter(pc.greater(later["day"], later["day_min"]))
    if later.num_rows:
        yield f"days.parquet: {_of(later)} are present after a day on which they were dead"
    people = tables["participants"].select(["participant", "died_s", "first_dose_s"])
    alive = present.join(people, "participant", join_type="inner")
    whole_days = pc.divide(pc.subtract(alive["died_s"], alive["first_dose_s"]), DAY_S)
    # A day is of the calendar, so it may begin up to one day before whole days from the dose do.
    after = alive.filter(pc.greater(pc.subtract(alive["day"], 2), whole_days))
    if after.num_rows:
        yield f"days.parquet: {_of(after)} are present after the moment of death"
    outside = pc.or_kleene(
        pc.less(days["sofa"], days["sofa_lowest"]), pc.greater(days["sofa"], days["sofa_highest"])
    )
    if found := _said(outside):
        yield f"days.parquet, column sofa: {found} lie outside their lowest and highest"


def _impossible_order(people: pa.Table) -> Iterator[str]:
    for early, late in _IN_ORDER:
        if found := _said(pc.less(people[late], people[early])):
            yield f"participants.parquet: in {found} {late} lies before {early}"


def _other_word(values: pa.ChunkedArray, words: list[str]) -> pa.ChunkedArray:
    known = pc.is_in(values, value_set=pa.array(words, pa.string()))
    return pc.and_(values.is_valid(), pc.invert(known))


def _said(at_fault: pa.ChunkedArray) -> str:
    """How many rows are at fault and where the first are; empty if none is, or it is unknown."""
    rows = pc.indices_nonzero(pc.fill_null(at_fault, False)).to_pylist()
    return _count([row + 1 for row in rows]) if rows else ""


def _of(rows: pa.Table) -> str:
    return _count([row + 1 for row in rows["row"].to_pylist()])


def _count(rows: list[int]) -> str:
    """'3 rows (2, 5, 9)'."""
    named = ", ".join(str(row) for row in sorted(rows)[:MOST_ROWS])
    more = ", …" if len(rows) > MOST_ROWS else ""
    return f"{len(rows)} row{'s' if len(rows) != 1 else ''} ({named}{more})"
