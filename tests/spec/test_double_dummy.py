"""What each cell of a double-dummy trial is given: one component by each route, all looking alike.

ImmunoSep: Giamarellos-Bourboulis JAMA 2026;335:775. PROVIDE: NCT03332225.
"""

import pytest

from immunosep.protocol.treatment import Component, Route
from immunosep.protocol.trial import Trial
from immunosep.trials import TRIALS
from tests.spec.drawn import rows

CELLS = rows("""
| trial     | state           | arm           | iv       | iv_dose | sc               | sc_dose |
|-----------|-----------------|---------------|----------|---------|------------------|---------|
| immunosep | mals            | precision     | anakinra | 200 mg  | saline           |         |
| immunosep | mals            | placebo       | saline   |         | saline           |         |
| immunosep | immunoparalysis | precision     | saline   |         | interferon_gamma | 100 ug  |
| immunosep | immunoparalysis | placebo       | saline   |         | saline           |         |
| provide   | mals            | immunotherapy | anakinra | 200 mg  | saline           |         |
| provide   | mals            | placebo       | saline   |         | saline           |         |
| provide   | immunoparalysis | immunotherapy | saline   |         | interferon_gamma | 100 ug  |
| provide   | immunoparalysis | placebo       | saline   |         | saline           |         |
""")

COURSES = rows("""
| trial     | route | every_hours | days | doses | last_day |
|-----------|-------|-------------|------|-------|----------|
| immunosep | iv    | 8           | 15   | 45    | 15       |
| immunosep | sc    | 48          | 15   | 8     | 15       |
| provide   | iv    | 8           | 7    | 21    | 7        |
| provide   | sc    | 48          | 15   | 8     | 15       |
""")


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_given_one_component_by_each_route(cell):
    regimen = TRIALS[cell["trial"]].regimen(state=cell["state"], arm=cell["arm"])
    (iv,), (sc,) = regimen.by_route(Route.INTRAVENOUS), regimen.by_route(Route.SUBCUTANEOUS)
    assert (iv.intervention.id, sc.intervention.id) == (cell["iv"], cell["sc"])
    assert [dose_of(iv), dose_of(sc)] == [cell["iv_dose"], cell["sc_dose"]]


def dose_of(component: Component) -> str | None:
    return f"{component.dose} {component.unit}" if component.dose else None


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_every_cell_of_a_trial_is_drawn(trial):
    drawn = {(cell["state"], cell["arm"]) for cell in CELLS if cell["trial"] == trial.id}
    assert drawn == {(regimen.state, regimen.arm) for regimen in trial.regimens}


@pytest.mark.parametrize("course", COURSES)
def test_a_full_course_has_its_doses_on_its_days(course):
    given = components(TRIALS[course["trial"]], Route(course["route"]))
    assert {c.every_hours for c in given} == {course["every_hours"]}
    assert {c.doses for c in given} == {course["doses"]}
    assert {c.dose_days[-1] for c in given} == {course["last_day"]}


def test_injections_are_on_odd_days():
    (days,) = {c.dose_days for c in components(TRIALS["immunosep"], Route.SUBCUTANEOUS)}
    assert days == (1, 3, 5, 7, 9, 11, 13, 15)


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
@pytest.mark.parametrize("route", [Route.INTRAVENOUS, Route.SUBCUTANEOUS])
def test_what_a_blinded_person_sees_is_the_same_in_every_cell(trial, route):
    assert len({component.appearance for component in components(trial, route)}) == 1


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_placebo_is_the_same_in_every_immune_state(trial):
    controls = [arm.id for arm in trial.arms if arm.control]
    given = {regimen.components for regimen in trial.regimens if regimen.arm in controls}
    assert len(given) == 1


def components(trial: Trial, route: Route) -> list[Component]:
    return [c for regimen in trial.regimens for c in regimen.by_route(route)]
