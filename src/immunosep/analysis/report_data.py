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
from immunosep.analysis.daily_course import Course, compare_courses
from immunosep.analysis.daily_scores import gather_daily_scores
from immunosep.analysis.endpoints import EndpointResult, analyse_endpoints
from immunosep.analysis.flow import Flow, count_flow
from immunosep.analysis.harms import Harms, analyse_harms
from immunosep.analysis.hierarchy import Hierarchy, compare_hierarchy
from immunosep.analysis.monitoring import Monitoring, monitor
from immunosep.analysis.people import Group, People, gather_people
from immunosep.analysis.records import SUBJECT, Records
from immunosep.errors import AnalysisError
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.protocol.endpoints import Rank, SofaFall
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
    hierarchy: Hierarchy | None
    monitoring: Monitoring | None
    days: tuple[DayLine, ...]
    course: Course | None
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
    endpoints = analyse_endpoints(people, plan=plan, done=done)
    return TrialAnalysis(
        trial=records.trial,
        manifest=records.manifest,
        report=report,
        draft=records.draft,
        groups=people.groups,
        states=dict(people.states),
        flow=count_flow(people),
        baseline=describe_baseline(people),
        endpoints=endpoints,
        harms=analyse_harms(people),
        hierarchy=compare_hierarchy(people, plan.hierarchy),
        monitoring=None if report is Report.FINAL else monitor(people, endpoints),
        days=describe_days(people),
        course=_course(people),
        doses=count_doses(people),
        deviations=count_deviations(people),
        centres=count_centres(people),
        quality=describe_quality(people),
    )


def _course(people: People) -> Course | None:
    """Of the daily scores of the primary endpoint, where that is a fall of SOFA."""
    falls = [
        endpoint.definition
        for endpoint in people.records.trial.endpoints
        if isinstance(endpoint.definition, SofaFall) and endpoint.rank is Rank.PRIMARY
    ]
    return compare_courses(people, gather_daily_scores(people, falls[0])) if falls else None
