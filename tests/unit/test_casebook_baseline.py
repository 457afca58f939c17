"""The baseline form: what it asks, in which limits, and that the plan of analysis has it all."""

import pytest

from immunosep.sources.bedside.headers import conversion
from immunosep.tables.casebook import CASE_COLUMNS
from immunosep.tables.names import nearest_name
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.trials.immunosep.casebook import BASELINE


def test_the_baseline_is_asked_once_and_first() -> None:
    asking = [visit.day for visit in IMMUNOSEP.schedule if "baseline" in visit.assessments]
    assert asking == [1]
    assert IMMUNOSEP.casebook[0] is BASELINE


def test_every_subgroup_of_the_plan_has_its_column_collected() -> None:
    asked = {name for form in IMMUNOSEP.casebook for name in form.columns}
    screened = {name for form in IMMUNOSEP.forms for name in form.columns}
    known_as = {"sofa_at_entry": "sofa"}
    assert IMMUNOSEP.plan is not None
    wanted = {known_as.get(each.column, each.column) for each in IMMUNOSEP.plan.subgroups}
    assert wanted <= asked | screened


@pytest.mark.parametrize(
    ("column", "highest"), [("apache_ii", 71), ("charlson", 37)]
)  # Knaus Crit Care Med 1985;13:818; Charlson J Chronic Dis 1987;40:373
def test_a_total_has_the_limits_of_its_paper(column: str, highest: int) -> None:
    possible = CASE_COLUMNS[column].possible
    assert possible is not None
    assert [value in possible for value in (-1, 0, highest, highest + 1)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_lactate_is_read_in_either_unit() -> None:
    assert 30 * conversion("mg/dL", CASE_COLUMNS["lactate_mmol_l"]) == pytest.approx(3.33)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("APACHE II", "apache_ii"), ("Charlson", "charlson"), ("lactate", "lactate_mmol_l")],
)
def test_other_spellings_of_its_columns_are_understood(written: str, meant: str) -> None:
    assert nearest_name(written, CASE_COLUMNS) == meant
