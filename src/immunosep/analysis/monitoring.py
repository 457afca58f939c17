"""What a monitoring committee sees beside the results: limits, power, and what is to come.

The look is now: the information is the share of the planned participants whose answer to the tested
endpoint is known, and earlier looks are taken to have come as planned. A trial that plans no look
has one test, at its end. The closed report alone has z and the power that follows from it; benefit
is above 0, whether the endpoint is hoped for or feared. Forecasts take both arms as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from immunosep.analysis import derivations
from immunosep.analysis.association import pooled_z_test
from immunosep.analysis.endpoints import EndpointResult
from immunosep.analysis.estimates import LEVEL
from immunosep.analysis.interim.boundaries import (
    Boundaries,
    find_boundaries,
    find_boundaries_at,
)
from immunosep.analysis.interim.conditional import (
    ConditionalPower,
    Interim,
    find_conditional_power,
    find_predictive_power,
)
from immunosep.analysis.interim.events import JEFFREYS, EventForecast, Watched, forecast_events
from immunosep.analysis.interim.size import TwoRates, drift_of
from immunosep.analysis.people import People, numbers_of
from immunosep.errors import AnalysisError
from immunosep.protocol.endpoints import AdverseEvents, Death, Endpoint, Rank
from immunosep.protocol.interim import Looks, Spending
from immunosep.protocol.sample_size import SampleSize
from immunosep.protocol.trial import Trial
from immunosep.screening.recruitment import (
    CentreCount,
    RecruitmentForecast,
    forecast_recruitment,
)

AHEAD_DAYS = (30, 60, 90, 180)
FEARED = (Death, AdverseEvents)
SAME = 1e-6  # of the information: a look that came as planned
DAY_S = 86_400
MOST_WATCHED = 20_000  # participants beyond whom a simulated forecast would say no more


@dataclass(frozen=True, kw_only=True)
class LookNow:
    """The tested endpoint now. `limits` are those of the looks so far, the last of them now.

    `z`, `power` and `predictive` are None where arms are not compared, or nothing is left.
    """

    endpoint: Endpoint
    known: int
    planned: int
    information: float
    limits: Boundaries | None
    z: float | None = None
    power: ConditionalPower | None = None
    predictive: float | None = None


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Limits of the planned looks, the look now, and the forecasts; None where there is none.

    `looks` is None where the trial plans none: `limits` are then of one test at the end.
    """

    looks: Looks | None
    limits: Boundaries | None
    now: LookNow | None
    recruitment: RecruitmentForecast | None
    events: EventForecast | None
    events_of: Endpoint | None


def monitor(people: People, results: Sequence[EndpointResult]) -> Monitoring:
    """What is known at this moment of the trial."""
    trial = people.records.trial
    looks = trial.interim or one_test(trial)
    limits = None if looks is None else find_boundaries(looks)
    recruitment = _recruitment(people)
    events, of = _events(people)
    return Monitoring(
        looks=trial.interim,
        limits=limits,
        now=None if looks is None or limits is None else _now(people, results, looks, limits),
        recruitment=recruitment,
        events=events,
        events_of=of,
    )


def one_test(trial: Trial) -> Looks | None:
    """One test of the primary endpoint at the end, at the alpha of the sample size."""
    size = trial.sample_size
    first = next((one for one in trial.endpoints if one.rank is Rank.PRIMARY), None)
    if size is None or size.alpha_two_sided is None or first is None:
        return None
    return Looks(
        information=(1.0,),
        spending=Spending.LAN_DEMETS_OBRIEN_FLEMING,
        alpha=size.alpha_two_sided,
        sided=2,
        tests=first.id,
        source=size.source,
    )


def _now(
    people: People, results: Sequence[EndpointResult], looks: Looks, limits: Boundaries
) -> LookNow | None:
    found = next((one for one in results if one.endpoint.id == looks.tests), None)
    size = people.records.trial.sample_size
    if found is None or found.line is None or size is None:
        return None
    known = sum(group.total for group in found.line.groups)
    planned = 2 * size.per_arm if size.per_arm else size.analysed
    information = known / planned
    now = LookNow(
        endpoint=found.endpoint,
        known=known,
        planned=planned,
        information=information,
        limits=_limits_now(looks, limits, information),
    )
    test = pooled_z_test(found.line.table) if people.compared else None
    if test is None or test.statistic is None:
        return now
    z = -test.statistic if isinstance(found.endpoint.definition, FEARED) else test.statistic
    if not 0 < information < 1 - SAME:
        return LookNow(**vars(now) | {"z": z})
    seen = Interim(z=z, information=information)
    return LookNow(
        **vars(now)
        | {
            "z": z,
            "power": find_conditional_power(
                limits, seen, planned_drift=planned_drift(limits, size)
            ),
            "predictive": find_predictive_power(limits, seen),
        }
    )


def _limits_now(looks: Looks, limits: Boundaries, information: float) -> Boundaries | None:
    """Limits at this look; None where they cannot be moved to where it is."""
    made = [share for share in limits.information if share < information - SAME and share < 1]
    as_planned = any(abs(share - information) <= SAME for share in limits.information)
    if information <= 0:
        return None
    if as_planned:
        return limits
    try:
        return find_boundaries_at(looks, (*made, information), final=information >= 1)
    except AnalysisError:
        return None


def planned_drift(limits: Boundaries, size: SampleSize) -> float | None:
    """The drift the trial was planned for; None where its rates are not published."""
    treated, control = size.responders_intervention, size.responders_control
    if treated is None or control is None or size.per_arm is None:
        return None
    rates = TwoRates(treated=treated, control=control)
    return drift_of(limits, rates, total=2 * size.per_arm)


def _recruitment(people: People) -> RecruitmentForecast | None:
    """When the planned number will be there; None when it is, or nothing was planned."""
    size = people.records.trial.sample_size
    tables, as_of = people.records.tables, _as_of(people)
    joined = tables["participants"].select(["centre", "randomised_s"]).to_pylist()
    if size is None or not joined or len(joined) >= size.total:
        return None
    seen = tables["screened"].select(["centre", "screened_s"]).to_pylist()
    opened: dict[str, date] = {}
    for centre, at in [
        *((row["centre"], row["screened_s"]) for row in seen),
        *((row["centre"], row["randomised_s"]) for row in joined),
    ]:
        opened[centre] = min(opened.get(centre, date.max), _day(at))
    counts = [
        CentreCount(
            centre=centre, opened=day, enrolled=sum(row["centre"] == centre for row in joined)
        )
        for centre, day in sorted(opened.items())
    ]
    days = [as_of + timedelta(days=ahead) for ahead in AHEAD_DAYS]
    try:
        return forecast_recruitment(counts, as_of=as_of, target=size.total, days=days)
    except AnalysisError:  # all began on the day the records were written
        return None


def _events(people: People) -> tuple[EventForecast | None, Endpoint | None]:
    """Deaths to come by the first of the trial's days of death; None where none can come."""
    deaths = [
        endpoint
        for endpoint in people.records.trial.endpoints
        if isinstance(endpoint.definition, Death)
    ]
    if not deaths or len(people) > MOST_WATCHED:
        return None, None
    endpoint = deaths[0]
    assert isinstance(endpoint.definition, Death)
    day = endpoint.definition.day
    rows = people.ask(derivations.derive_death(endpoint.definition))
    time, event = numbers_of(rows["time_days"]), numbers_of(rows["event"]) == 1
    now_s = people.records.manifest.as_of_s
    since = (now_s - people.numbers("origin_s")) / DAY_S
    watched = [
        Watched(days=float(days), event=bool(had), under_observation=bool(not had and own < day))
        for days, had, own in zip(time, event, since, strict=True)
    ]
    rate = _enrolled_per_day(people)
    if rate is None and not any(one.under_observation for one in watched):
        return None, None
    found = forecast_events(
        watched,
        days_ahead=AHEAD_DAYS,
        watched_for_days=day,
        rng=np.random.default_rng(now_s),
        enrolled_per_day=rate,
        level=LEVEL,
    )
    return found, endpoint


def _enrolled_per_day(people: People) -> tuple[float, float] | None:
    """Shape and rate of the trial's rate so far; None once all have joined."""
    size = people.records.trial.sample_size
    at = people.records.tables["participants"]["randomised_s"].to_pylist()
    if size is None or len(at) >= size.total:
        return None
    days = max((people.records.manifest.as_of_s - min(at)) / DAY_S, 1.0)
    return len(at) + JEFFREYS, days


def _as_of(people: People) -> date:
    """The day after that of the records, so that who joined that day is counted."""
    return _day(people.records.manifest.as_of_s) + timedelta(days=1)


def _day(at_s: int) -> date:
    return datetime.fromtimestamp(at_s, tz=UTC).date()
