"""What may be wrong with a trial's consent: nobody may give it, or it is deferred without end."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from immunosep.protocol.consent import ConsentBy, ConsentPlan
from immunosep.protocol.overlap import is_number

if TYPE_CHECKING:
    from immunosep.protocol.trial import Trial


def consent_problems(trial: "Trial") -> Iterator[str]:
    """A plan that cannot be followed."""
    plan = trial.consent
    if plan is None:
        return
    if not plan.source.strip():
        yield "the consent plan has no source"
    if not plan.given_by:
        yield "nobody may consent: `given_by` is empty. Write (ConsentBy.PATIENT,)"
    for who in plan.given_by:
        if not isinstance(who, ConsentBy):
            yield f"consent is given by {who!r}, expected ConsentBy, such as ConsentBy.PATIENT"
    if ConsentBy.RELATIVE in plan.given_by and not plan.relatives.strip():
        yield "a relative may consent, but `relatives` does not say which. Say it in words"
    yield from _deferred(trial, plan)


def _deferred(trial: "Trial", plan: ConsentPlan) -> Iterator[str]:
    hours = plan.deferred_within_hours
    if ConsentBy.DEFERRED not in plan.given_by:
        if plan.deferred_countries or hours is not None:
            yield (
                "consent is not deferred, but has countries or hours for it. Add "
                "ConsentBy.DEFERRED to `given_by`, or leave them out"
            )
        return
    if not plan.deferred_countries:
        yield "consent may be deferred, but `deferred_countries` is empty. Say where the law allows"
    if hours is None or not is_number(hours) or hours <= 0:
        yield (
            f"consent may be deferred, but deferred_within_hours is {hours!r}, expected a number "
            "above 0"
        )
    countries = {centre.country for centre in trial.centres}
    for country in plan.deferred_countries:
        if countries and country not in countries:
            near = get_close_matches(country, countries, n=1)
            hint = f". The nearest is {near[0]}" if near else ""
            yield f"consent may be deferred in {country!r}, where the trial has no centre{hint}"
