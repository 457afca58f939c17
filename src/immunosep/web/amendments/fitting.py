"""Whether a version of the trial can be worked by at this site: what no amendment may change here.

The randomisation list was made for arms, a ratio and strata; the pharmacy's stock for products; a
course that has begun for its intervals; pages were written on forms of visits. A version that has
others would leave places of the list, vials, doses or pages without a meaning, so it is refused
before anybody depends on it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min

from immunosep.errors import SequenceError
from immunosep.protocol.digest import plain_of
from immunosep.protocol.supply import SupplyModel
from immunosep.protocol.treatment import Component
from immunosep.protocol.trial import Trial
from immunosep.randomisation.strata import strata_of
from immunosep.web.casebook.models import Page
from immunosep.web.centres.models import Centre
from immunosep.web.code.models import Code, Stratum
from immunosep.web.enrolment.models import Allocation
from immunosep.web.trial import site_trial, trial_of


def misfits(new: Trial) -> list[str]:
    """Why the site cannot work by a version; nothing if it can."""
    first = site_trial()
    if new.id != first.id:
        return [f"It is a version of trial {new.id!r}; this site runs {first.id!r}."]
    return [*_of_list(new), *_of_states(new), *_of_centres(new), *_of_supply(first, new)]


def course_misfits(new: Trial, centre: Centre, *, now: datetime) -> list[str]:
    """Why a version cannot go live at a centre now: courses that it would number anew, and pages
    that would be of no form or visit.
    """
    return [*_of_doses(new, centre, now=now), *_of_pages(new, centre)]


def _of_doses(new: Trial, centre: Centre, *, now: datetime) -> list[str]:
    old = trial_of(centre)
    under_way = _states_under_way(centre, now=now)
    return [
        f"It gives doses in {state} at other intervals, by other routes or otherwise together, and "
        f"{under_way[state]} here {'is' if under_way[state] == 1 else 'are'} under treatment: "
        "their doses would be numbered anew. Wait until their courses are over."
        for state in under_way
        if _rhythm(old, state) != _rhythm(new, state)
    ]


def _of_pages(new: Trial, centre: Centre) -> Iterator[str]:
    """A form or visit may be asked for no more, but what was written on its pages stays."""
    pages = Page.objects.filter(patient__centre=centre).order_by()
    for what, known in (("form", new.casebook), ("visit", new.schedule)):
        held = set(pages.exclude(**{what: ""}).values_list(what, flat=True).distinct())
        if lost := sorted(held - {each.id for each in known}):
            yield f"It has no {what} {', '.join(lost)}, of which pages are written here."


def _of_list(new: Trial) -> Iterator[str]:
    code = Code.objects.filter(active=True).first()
    if code is None:
        return
    made_for = code.document["specification"]
    ratio, plan = dict(made_for["ratio"]), new.allocation
    arms = {arm.id for arm in new.arms}
    if gone := sorted(ratio.keys() - arms):
        yield f"It has no arm {', '.join(gone)}, which the randomisation list still holds."
    if come := sorted(arms - ratio.keys()):
        yield f"It has the arm {', '.join(come)}, for which the list has no place."
    if plan is None:
        yield "It has no allocation plan, and this site has a list."
        return
    if dict(plan.ratio) != ratio and not gone and not come:
        yield "It allocates in another ratio than the list was made for."
    if tuple(plan.strata) != tuple(made_for["stratified_by"]):
        yield "It stratifies by other things than the list was made for."
        return
    try:
        known = set(strata_of(new))
    except SequenceError as error:
        yield f"It has no strata: {'; '.join(error.problems)}."
        return
    keys = Stratum.objects.filter(code=code).values_list("key", flat=True)
    if lost := sorted(set(keys) - known):
        yield f"It has no stratum {', '.join(lost)}, for which the site has a list."


def _of_states(new: Trial) -> Iterator[str]:
    held = Allocation.objects.order_by().values_list("immune_state", flat=True).distinct()
    treated = {regimen.state for regimen in new.regimens}
    if lost := sorted(set(held) - treated):
        yield f"It has no treatment in {', '.join(lost)}, in which participants are."


def _of_centres(new: Trial) -> Iterator[str]:
    there = {centre.id for centre in new.centres}
    if lost := sorted(set(Centre.objects.values_list("pk", flat=True)) - there):
        yield f"It has no centre {', '.join(lost)}, which this site has."


def _of_supply(first: Trial, new: Trial) -> Iterator[str]:
    """The products, and where they come in kits all that a kit holds."""
    products = [{each.id for each in trial.interventions} for trial in (first, new)]
    if products[0] != products[1]:
        yield "It has other products than those of which the site keeps stock."
    one, other = first.supply, new.supply
    if one is None or other is None:
        if (one is None) is not (other is None):
            yield "It says otherwise whether the site supplies the treatment."
        return
    if one.model is not other.model:
        yield "It supplies the treatment in another way: made up, or in numbered kits."
    elif one.model is SupplyModel.KITS and (
        _kits(first) != _kits(new) or plain_of(first.regimens) != plain_of(new.regimens)
    ):
        yield "It changes what a numbered kit holds, and kits are packed for the course as it was."


def _kits(trial: Trial) -> tuple[int, int]:
    assert trial.supply is not None
    return trial.supply.kits_per_component, trial.supply.spare_kits_per_component


def _rhythm(trial: Trial, state: str) -> list[tuple[str, int, int]]:
    """By which routes, how often and how many at once doses are given in a state."""
    regimen = next((each for each in trial.regimens if each.state == state), None)
    components = regimen.components if regimen else ()
    return sorted((c.route.value, c.every_hours, _at_once(trial, c)) for c in components)


def _at_once(trial: Trial, component: Component) -> int:
    return trial.supply.doses_per_order.get(component.route, 1) if trial.supply else 1


def _states_under_way(centre: Centre, *, now: datetime) -> dict[str, int]:
    """How many participants of a centre are on a course, or about to begin one, by their state."""
    going_on = Allocation.objects.filter(
        patient__centre=centre, patient__withdrawal=None, in_error=None
    ).annotate(began=Min("doses__given_at"))
    found: dict[str, int] = {}
    for allocation in going_on:
        days = _longest(trial_of(centre), allocation.immune_state)
        if allocation.began is None or now < allocation.began + timedelta(days=days):
            found[allocation.immune_state] = found.get(allocation.immune_state, 0) + 1
    return found


def _longest(trial: Trial, state: str) -> int:
    lengths = (c.days for each in trial.regimens if each.state == state for c in each.components)
    return max(lengths, default=0)
