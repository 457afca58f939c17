"""The report of a trial, chapter by chapter, in the order of CONSORT 2025."""

from collections.abc import Iterator
from datetime import UTC, datetime

from immunosep import __version__
from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.report_data import Report, TrialAnalysis
from immunosep.protocol.endpoints import Rank
from immunosep.report.document import say_time
from immunosep.report.trial import other_tables as tables
from immunosep.report.trial.curves import daily_picture, drawn_as_time, survival_picture
from immunosep.report.trial.derivation_list import derivations
from immunosep.report.trial.flow_diagram import flow_picture
from immunosep.report.trial.forest import forest_picture
from immunosep.report.trial.further_tables import course_table, pairs_table
from immunosep.report.trial.model import Block, Cell, Document, Section, Words
from immunosep.report.trial.monitoring_tables import monitoring_blocks
from immunosep.report.trial.outcome_tables import endpoint_blocks, short_arm
from immunosep.sources.records import Arms

TITLES = {
    Report.FINAL: "Statistical report",
    Report.OPEN: "Open report for the monitoring committee",
    Report.CLOSED: "Closed report for the monitoring committee",
}
DRAFT = "DRAFT: these records are not locked and signed. Numbers may change."
DUMMY = "DUMMY ARMS: who is in which arm was invented. No difference shown here means anything."
POOLED = "Arms pooled: nobody who must stay blinded can tell them apart from this report."
CONFIDENTIAL = "CONFIDENTIAL: compares unblinded arms. For members of the committee only."
NO_EVENT = (
    "The records hold no adverse event of anybody: whether there was none, or none was recorded, "
    "they do not say."
)
SO_FAR = (
    "These records may still change: who has no event in them has none recorded so far, and counts "
    "as having had none."
)
NO_DOSE = "The records hold no planned dose: how many were given is unknown."
NO_DEVIATION = (
    "The records hold no deviation from the protocol: whether there was none, or none was "
    "recorded, they do not say."
)
NOT_OPENED = "The code was not opened: all participants are shown as one group."


def document_of(analysis: TrialAnalysis) -> Document:
    """The whole report of what was found."""
    trial, manifest = analysis.trial, analysis.manifest
    as_of = datetime.fromtimestamp(manifest.as_of_s, tz=UTC)
    name = trial.acronym or trial.title
    return Document(
        title=f"{name}: {TITLES[analysis.report].lower()}",
        facts=(
            ("Trial", trial.title),
            ("Registered as", ", ".join(trial.registry_ids) or "not registered"),
            ("Protocol of the analysis", f"{trial.version or '–'} (digest {trial.digest[:12]})"),
            ("Protocol of the records",
             f"{manifest.trial_version or '–'} (digest {manifest.trial_digest[:12]})"),
            ("Records locked" if manifest.locked_s is not None else "Records written, not locked",
             say_time(as_of)),
            ("Arms", {Arms.REAL: "real, the code was opened", Arms.DUMMY: "dummy, invented",
                      Arms.CLOSED: "closed"}[manifest.arms]),
            ("Software", f"immunosep {__version__}"),
        ),
        warnings=tuple(_warnings(analysis)),
        summary=tuple(_summary(analysis)),
        sections=tuple(_sections(analysis)),
    )  # fmt: skip


def _warnings(analysis: TrialAnalysis) -> Iterator[str]:
    if analysis.draft:
        yield DRAFT
    if analysis.manifest.arms is Arms.DUMMY and analysis.compared:
        yield DUMMY
    if analysis.report is Report.OPEN:
        yield POOLED
    elif not analysis.compared:
        yield NOT_OPENED
    if analysis.report is Report.CLOSED:
        yield CONFIDENTIAL
    empty = [short_arm(analysis, g.id) for g in analysis.groups if not g.members.any()]
    if empty:
        yield f"Nobody is in arm {' or '.join(empty)}: nothing can be compared."


def _summary(analysis: TrialAnalysis) -> Iterator[Cell]:
    """The numbers a reader looks for first: sizes, and the primary endpoints."""
    flow = analysis.flow
    yield Cell(text=f"{flow.screened:,}", value="screened")
    yield Cell(text=f"{flow.randomised:,}", value="randomised")
    yield Cell(text=f"{sum(branch.analysed for branch in flow.branches):,}", value="analysed")
    for result in analysis.endpoints:
        line = result.line
        if result.endpoint.rank is not Rank.PRIMARY or line is None:
            continue
        for counted in line.groups:
            share = f"{100 * counted.events / counted.total:.1f} %" if counted.total else "–"
            name = short_arm(analysis, counted.group) if analysis.compared else "all"
            yield Cell(text=share, value=f"{result.endpoint.label}: {name}")


def _sections(analysis: TrialAnalysis) -> Iterator[Section]:
    yield _section("flow", "Participants", (
        flow_picture(analysis),
        tables.not_enrolled_table(analysis),
        tables.sets_table(analysis),
        tables.baseline_table(analysis),
    ))  # fmt: skip
    for rank, title in (
        (Rank.PRIMARY, "Primary endpoint"),
        (Rank.SECONDARY, "Secondary endpoints"),
        (Rank.EXPLORATORY, "Exploratory endpoints"),
    ):
        results = [one for one in analysis.endpoints if one.endpoint.rank is rank]
        if results:
            yield _section(rank.value, title, _endpoints(analysis, results))
    yield _section("subgroups", "Subgroups", _subgroups(analysis))
    if analysis.hierarchy is not None:
        yield _section("pairs", "Outcomes in order of importance", (pairs_table(analysis),))
    if analysis.monitoring is not None:
        yield _section("looks", "Looks and forecasts", tuple(monitoring_blocks(analysis)))
    yield _section("course", "Course", (
        *(survival_picture(analysis, result) for result in drawn_as_time(analysis)),
        daily_picture(analysis),
        course_table(analysis),
        tables.daily_table(analysis) if analysis.days else None,
    ))  # fmt: skip
    yield _section("harms", "Harms", _harms(analysis))
    yield _section("conduct", "Treatment and conduct", (
        tables.doses_table(analysis) if analysis.doses else Words(paragraphs=(NO_DOSE,)),
        tables.deviations_table(analysis) if analysis.deviations else
        Words(paragraphs=(NO_DEVIATION,)),
        tables.centres_table(analysis),
    ))  # fmt: skip
    yield _section("quality", "Data quality", (tables.quality_table(analysis),))
    yield _section("derivations", "Where each number comes from", (
        *derivations(analysis), tables.choices_words(analysis), _files(analysis),
    ))  # fmt: skip


def _section(id_: str, title: str, blocks: tuple[Block | None, ...]) -> Section:
    return Section(id=id_, title=title, blocks=tuple(b for b in blocks if b is not None))


def _endpoints(analysis: TrialAnalysis, results: list[EndpointResult]) -> tuple[Block, ...]:
    return tuple(block for result in results for block in endpoint_blocks(analysis, result))


def _subgroups(analysis: TrialAnalysis) -> tuple[Block, ...]:
    chosen = [r for r in analysis.endpoints if r.subgroups]
    pictures = [forest_picture(analysis, result) for result in chosen]
    drawn = tuple(picture for picture in pictures if picture is not None)
    why = "Arms are not compared in this report." if not analysis.compared else ""
    return drawn or (Words(paragraphs=(why or "The plan of this trial names no subgroup.",)),)


def _harms(analysis: TrialAnalysis) -> tuple[Block, ...]:
    safety = [r for r in analysis.endpoints if r.endpoint.rank is Rank.SAFETY]
    if not analysis.harms.recorded:
        return (Words(paragraphs=(NO_EVENT,)), *_endpoints(analysis, safety))
    return (
        *((Words(paragraphs=(SO_FAR,)),) if analysis.draft else ()),
        tables.harms_table(analysis),
        tables.terms_table(analysis, serious=True),
        tables.terms_table(analysis, serious=False),
        *_endpoints(analysis, safety),
    )


def _files(analysis: TrialAnalysis) -> Words:
    return Words(
        heading="Files that were read",
        terms=tuple(
            (f"{name}.parquet", f"{file.rows:,} rows, SHA-256 {file.sha256}")
            for name, file in sorted(analysis.manifest.files.items())
        ),
    )
