"""The tables beside the endpoints: sets, baseline, harms, doses, deviations, centres, quality."""

from collections.abc import Iterator, Sequence

from immunosep.analysis.baseline import BaselineNumber, BaselineWord
from immunosep.analysis.flow import SET_WORDS, AnalysisSet
from immunosep.analysis.report_data import TrialAnalysis
from immunosep.report.trial import numbers
from immunosep.report.trial.model import Cell, Row, Table, Words
from immunosep.report.trial.outcome_tables import COMPARISON, compared_row, head_of, short_state

FLOW, BASELINE, HARMS, CONDUCT = (
    "derivation.flow", "derivation.baseline", "derivation.harms", "derivation.conduct",
)  # fmt: skip
MOST_TERMS = 60


def sets_table(analysis: TrialAnalysis) -> Table:
    """Who counts in which analysis."""
    rows = []
    for set_ in AnalysisSet:
        counts = analysis.flow.count(set_)
        rows.append(
            Row(
                label=f"{SET_WORDS[set_]}.",
                cells=tuple(
                    numbers.number(count, id_=f"set.{set_}.{group}", derivation=FLOW)
                    for group, count in counts.items()
                ),
            )
        )
    return Table(
        id="table.sets",
        caption="Analysis sets",
        head=("Set", *head_of(analysis)[1:]),
        rows=tuple(rows),
        note=_unjudged_note(analysis),
    )


def _unjudged_note(analysis: TrialAnalysis) -> str:
    unjudged = sum(branch.unjudged for branch in analysis.flow.branches)
    if not unjudged:
        return ""
    return (
        f"Of {unjudged:,} participants nobody has judged yet whether a deviation is important: "
        "they are in no per-protocol count."
    )


def not_enrolled_table(analysis: TrialAnalysis) -> Table:
    """Why patients who were screened did not join."""
    whole = analysis.flow.screened
    labels = {criterion.id: criterion.text for criterion in analysis.trial.criteria}
    return Table(
        id="table.not_enrolled",
        caption=f"Why patients screened were not randomised (n {whole:,} screened)",
        head=("Reason", "Patients"),
        rows=tuple(
            Row(
                label=labels.get(reason, reason.replace("_", " ").capitalize()),
                cells=(
                    numbers.number(count, of=whole, id_=f"flow.not_enrolled.{reason}",
                                   derivation=FLOW),
                ),
            )
            for reason, count in analysis.flow.not_enrolled.items()
        ),
    )  # fmt: skip


def baseline_table(analysis: TrialAnalysis) -> Table:
    """How participants were when they joined."""
    rows: list[Row] = []
    for one in analysis.baseline:
        if isinstance(one, BaselineNumber):
            rows.append(
                Row(
                    label=f"{one.label}, median (quartiles)",
                    cells=tuple(
                        numbers.median(group, id_=f"baseline.{one.id}.{group.group}",
                                       derivation=BASELINE)
                        for group in one.groups
                    ),
                )
            )  # fmt: skip
        else:
            rows += _property_rows(analysis, one)
    return Table(
        id="table.baseline",
        caption="Participants at entry",
        head=head_of(analysis),
        rows=tuple(rows),
        note="Not tested: differences between arms that were drawn by lot are chance "
        "(CONSORT 2025, item 25).",
    )


def _property_rows(analysis: TrialAnalysis, one: BaselineWord) -> Iterator[Row]:
    single = len(one.values) == 1
    if not single:
        yield Row(label=one.label)
    for value, counts in one.values:
        cells = tuple(
            numbers.number(
                count, of=known, id_=f"baseline.{one.id}.{value}.{group.id}", derivation=BASELINE
            )
            for count, known, group in zip(counts, one.known, analysis.groups, strict=True)
        )
        word = short_state(value[:1].upper() + value[1:])
        yield Row(label=one.label if single else word, cells=cells, indent=not single)
    if any(one.unknown):
        yield Row(
            label="Unknown",
            cells=_counts(analysis, one.unknown, f"baseline.{one.id}.unknown", BASELINE),
            indent=True,
        )


def harms_table(analysis: TrialAnalysis) -> Table:
    """Participants with each kind of event, by group and immune state."""
    harms, rows = analysis.harms, []
    for kind in harms.kinds:
        rows.append(compared_row(kind.line, derivation=HARMS, strong=True))
        rows += [compared_row(line, derivation=HARMS, indent=True) for line in kind.by_state]
        rows.append(
            Row(
                label="Events",
                cells=_counts(analysis, kind.events, f"{kind.line.id}.events", HARMS),
                indent=True,
            )
        )
    return Table(
        id="table.harms",
        caption=f"Participants with an adverse event by day {harms.last_day}",
        head=head_of(analysis, comparison=COMPARISON),
        rows=tuple(rows),
        note="Participants with a first dose are at risk, each counted once in a line; events are "
        "counted apart (CONSORT Harms 2022). Many lines are compared: a small P among them may be "
        "chance.",
    )


def terms_table(analysis: TrialAnalysis, *, serious: bool) -> Table:
    """Each term of each organ class: participants, then events."""
    rows: list[Row] = []
    organs = ""
    terms = [term for term in analysis.harms.terms if term.serious is serious]
    for term in terms[:MOST_TERMS]:
        if term.organ_class != organs:
            organs = term.organ_class
            rows.append(Row(label=organs))
        cells = tuple(
            Cell(
                text=f"{who:,} ({numbers.say_share(who, at_risk)}); {times:,}",
                id=f"harms.term.{'serious' if serious else 'other'}.{term.term}.{group.id}",
                value={"participants": who, "events": times, "at_risk": at_risk},
                derivation=HARMS,
            )
            for who, times, at_risk, group in zip(
                term.participants, term.events, analysis.harms.at_risk, analysis.groups,
                strict=True,
            )
        )  # fmt: skip
        rows.append(Row(label=term.term, cells=cells, indent=True))
    kind = "Serious" if serious else "Non-serious"
    more = f" The {MOST_TERMS} first of {len(terms)} terms." if len(terms) > MOST_TERMS else ""
    return Table(
        id=f"table.terms.{'serious' if serious else 'other'}",
        caption=f"{kind} adverse events by organ class and term",
        head=head_of(analysis),
        rows=tuple(rows),
        note=f"Participants with any (share of those at risk); events. Not tested.{more}",
    )


def doses_table(analysis: TrialAnalysis) -> Table:
    """Doses planned and given."""
    routes = {"iv": "Intravenous", "sc": "Subcutaneous", "oral": "Oral"}
    return Table(
        id="table.doses",
        caption="Doses given, of those planned for a full course",
        head=head_of(analysis),
        rows=tuple(
            Row(
                label=routes.get(line.route, line.route),
                cells=tuple(
                    numbers.number(given, of=planned, id_=f"doses.{line.route}.{group.id}",
                                   derivation=CONDUCT)
                    for given, planned, group in zip(
                        line.given, line.planned, analysis.groups, strict=True
                    )
                ),
            )
            for line in analysis.doses
        ),
    )  # fmt: skip


def deviations_table(analysis: TrialAnalysis) -> Table:
    """Deviations from the protocol, by kind."""
    return Table(
        id="table.deviations",
        caption="Deviations from the protocol: participants with any; how often",
        head=head_of(analysis),
        rows=tuple(
            Row(
                label=f"{line.kind.capitalize()}{' (important)' if line.important else ''}",
                cells=tuple(
                    Cell(
                        text=f"{who:,}; {times:,}",
                        id=f"deviations.{line.kind}.{line.important}.{group.id}",
                        value={"participants": who, "times": times},
                        derivation=CONDUCT,
                    )
                    for who, times, group in zip(
                        line.participants, line.times, analysis.groups, strict=True
                    )
                ),
            )
            for line in analysis.deviations
        ),
    )


def centres_table(analysis: TrialAnalysis) -> Table:
    """Each centre's work, all participants together."""
    names = {centre.id: centre.name for centre in analysis.trial.centres}
    rows = []
    for line in analysis.centres:
        counts = {
            "screened": line.screened,
            "randomised": line.randomised,
            "deviations": line.deviations,
            "open_queries": line.open_queries,
        }
        rows.append(
            Row(
                label=names.get(line.centre, line.centre),
                cells=tuple(
                    numbers.number(count, id_=f"centre.{line.centre}.{key}", derivation=CONDUCT)
                    for key, count in counts.items()
                ),
            )
        )
    return Table(
        id="table.centres",
        caption="By centre, arms together",
        head=("Centre", "Screened", "Randomised", "Deviations", "Queries open"),
        rows=tuple(rows),
    )


def quality_table(analysis: TrialAnalysis) -> Table:
    """How complete and clean the data are, arms together."""
    quality = analysis.quality
    closing = quality.median_days_to_close
    counts = [
        ("Daily scores expected in hospital", "days_expected", quality.days_expected, None),
        ("Daily scores there", "days_scored", quality.days_scored, quality.days_expected),
        ("… of which with a component missing, counted as normal", "days_incomplete",
         quality.days_incomplete, quality.days_scored),
        ("Days of which nothing is recorded", "days_unrecorded", quality.days_unrecorded, None),
        ("Deviations not judged", "deviations_unjudged", quality.deviations_unjudged, None),
        ("Queries", "queries", quality.queries, None),
        ("… still open", "queries_open", quality.queries_open, quality.queries),
        ("Participants not signed", "unsigned", quality.unsigned, None),
        ("Participants not locked", "unlocked", quality.unlocked, None),
        ("Adverse events without a beginning", "unknown_onset", analysis.harms.unknown_onset, None),
        ("Adverse events of unknown seriousness", "unknown_seriousness",
         analysis.harms.unknown_seriousness, None),
        *((f"Participants without {name.removesuffix('_s').replace('_', ' ')}", f"missing.{name}",
           count, None) for name, count in quality.important_missing.items()),
    ]  # fmt: skip
    rows = [
        Row(label=label, cells=(
            numbers.number(count, of=of, id_=f"quality.{key}", derivation=CONDUCT),))
        for label, key, count, of in counts
    ]  # fmt: skip
    said = "–" if closing is None else f"{closing:.1f}"
    cell = Cell(text=said, id="quality.days_to_close", value=closing, derivation=CONDUCT)
    rows.append(Row(label="Median days from opening a query to closing it", cells=(cell,)))
    return Table(
        id="table.quality",
        caption="Completeness and cleanness, arms together",
        head=("", "Count"),
        rows=tuple(rows),
    )


def daily_table(analysis: TrialAnalysis) -> Table:
    """Daily SOFA of those alive and scored, by group and immune state."""
    known = {(line.state, line.group) for line in analysis.days}
    order = [(state, group.id) for state in analysis.states for group in analysis.groups]
    keys = [key for key in order if key in known]
    lines = {(line.state, line.group, line.day): line for line in analysis.days}
    arms = {group.id: group.label for group in analysis.groups}
    rows = []
    for day in sorted({line.day for line in analysis.days}):
        cells = []
        for state, group in keys:
            line = lines.get((state, group, day))
            cells.append(
                Cell(
                    text="–"
                    if line is None or line.mean is None
                    else f"{line.mean:.1f} (n {line.seen:,})",
                    id=f"days.{day}.{state}.{group}",
                    value={"mean": line.mean, "seen": line.seen, "dead": line.dead,
                           "carried": line.carried} if line else None,
                    derivation=CONDUCT,
                )
            )  # fmt: skip
        rows.append(Row(label=f"Day {day}", cells=tuple(cells)))
    heads = tuple(
        f"{_brief(analysis.states.get(state, state))}, {_brief(arms.get(group, group))}"
        for state, group in keys
    )
    return Table(
        id="table.days",
        caption="Mean SOFA of those alive and scored that day",
        head=("", *heads),
        rows=tuple(rows),
    )


def choices_words(analysis: TrialAnalysis) -> Words:
    """What the sources left open and how the trial's value takes it."""
    about = ("response", "death", "carried", "reversal", "sofa", "missing")
    return Words(
        heading="Choices where sources are silent or disagree",
        terms=tuple(
            (choice.question, f"{choice.taken.capitalize()}; because {choice.because}.")
            for choice in analysis.trial.choices
            if choice.id.startswith(about)
        ),
    )


def _brief(label: str) -> str:
    return label.split(" (")[0].split(" chosen ")[0]


def _counts(
    analysis: TrialAnalysis, counts: Sequence[int], id_: str, derivation: str
) -> tuple[Cell, ...]:
    return tuple(
        numbers.number(count, id_=f"{id_}.{group.id}", derivation=derivation)
        for count, group in zip(counts, analysis.groups, strict=True)
    )
