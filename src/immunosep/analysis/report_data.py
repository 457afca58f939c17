"""The whole analysis of a trial's records, as one value: what every report is written from.

A final or a closed report compares the arms. An open one, for those who must stay blinded, pools
them everywhere; it is the same analysis of one group, so nothing in it can tell the arms apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from immunosep.analysis.baseline import Characteristic, describe_baseline
from immunosep.analysis.conduct import (
    CentreLine,
    DayLine,
    DeviationLine,
    DoseLine,
    Quality,
    count_centres,
    count_deviations,
    count_doses,
    describe_days,
    describe_quality,
)
from immunosep.analysis.endpoints import EndpointResult, analyse_endpoints
from immunosep.analysis.flow import Flow, count_flow
from immunosep.analysis.harms import Harms, analyse_harms
from immunosep.analysis.people import Group, gather_people
from immunosep.analysis.records import SUBJECT, Records
from immunosep.errors import AnalysisError
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.protocol.trial import Trial
from immunosep.sources.records import Arms, Manifest


class Report(StrEnum):
    """For whom a report is."""

    FINAL = "final"  # of the finished trial
    OPEN = "open"  # of a committee, for those who stay blinded: arms pooled
    CLOSED = "closed"  # of a committee, for its members: arms compared


@dataclass(frozen=True, kw_only=True, eq=False)
class TrialAnalysis:
    """Everything that was found, and of which records."""

    trial: Trial
    manifest: Manifest
    report: Report
    draft: bool
    groups: tuple[Group, ...]
    states: dict[str, str]
    flow: Flow
    baseline: tuple[Characteristic, ...]
    endpoints: tuple[EndpointResult, ...]
    harms: Harms
    days: tuple[DayLine, ...]
    doses: tuple[DoseLine, ...]
    deviations: tuple[DeviationLine, ...]
    centres: tuple[CentreLine, ...]
    quality: Quality

    @property
    def compared(self) -> bool:
        """Whether arms are compared."""
        return len(self.groups) == 2


def analyse_trial(
    records: Records,
    *,
    report: Report = Report.FINAL,
    done: Callable[[int], None] = lambda steps: None,
) -> TrialAnalysis:
    """Analyse the records for a report; `done` is told of each endpoint."""
    if report is Report.CLOSED and records.arms is not Arms.REAL:
        raise AnalysisError(
            SUBJECT,
            [
                f"their arms are {records.arms}; a closed report compares real ones: export the "
                "records with the code key, or ask for the open report"
            ],
        )
    plan = records.trial.plan or AnalysisPlan()
    people = gather_people(records, compare=report is not Report.OPEN)
    if not len(people):
        raise AnalysisError(SUBJECT, ["they hold no participant whose data are kept"])
    return TrialAnalysis(
        trial=records.trial,
        manifest=records.manifest,
        report=report,
        draft=records.draft,
        groups=people.groups,
        states=dict(people.states),
        flow=count_flow(people),
        baseline=describe_baseline(people),
        endpoints=analyse_endpoints(people, plan=plan, done=done),
        harms=analyse_harms(people),
        days=describe_days(people),
        doses=count_doses(people),
        deviations=count_deviations(people),
        centres=count_centres(people),
        quality=describe_quality(people),
    )
