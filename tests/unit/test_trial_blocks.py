"""Blocks of visits that are signed together, and checks that must not tell what is hidden."""

from typing import Any

import pytest

from immunosep.protocol import CaseForm, EditCheck, Trial, VisitBlock
from immunosep.protocol.schedule import Visit
from immunosep.tables.casebook import CASE
from immunosep.trials.immunosep import IMMUNOSEP
from tests.unit.small_trial import VALID, problem

FERRITIN = "ferritin_ng_ml"
SCHEDULE = tuple(
    Visit(id=f"day_{day}", day=day, label=f"Day {day}", assessments=("blood",)) for day in (1, 2, 9)
)


def form(*checks: EditCheck) -> CaseForm:
    return CaseForm(
        id="blood", label="Blood", assessment="blood", columns=("sample_drawn_at", FERRITIN),
        hidden=(FERRITIN,), checks=checks,
    )  # fmt: skip


def block(first: int, last: int, id_: str = "early", label: str = "Early") -> VisitBlock:
    return VisitBlock(id=id_, label=label, first=first, last=last)


def with_blocks(*blocks: VisitBlock) -> dict[str, Any]:
    return {"schedule": SCHEDULE, "casebook": (form(),), "blocks": blocks}


def test_every_day_in_one_block_is_accepted() -> None:
    late = block(3, 9, "late")
    assert Trial(**VALID | with_blocks(block(1, 2), late)).blocks == (block(1, 2), late)


def test_a_trial_may_have_no_blocks() -> None:
    assert Trial(**VALID | with_blocks()).blocks == ()


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ((block(1, 2),), "the visit of day 9 is in no block"),
        ((block(1, 9), block(9, 9, "late")), "day 9 is in 'early' and 'late'"),
        ((block(1, 9, "casebook"),), "called as the whole casebook is"),
        ((block(1, 9, label=" "),), "has no label"),
    ],
)
def test_blocks_that_cannot_be(blocks: tuple[VisitBlock, ...], says: str) -> None:
    assert says in problem(**with_blocks(*blocks))


def test_a_block_that_ends_before_it_begins() -> None:
    with pytest.raises(Exception, match="ends before it begins: day 9 to 8"):
        Trial(**VALID | with_blocks(block(1, 9), block(9, 8, "late")))


def test_every_visit_of_immunosep_after_the_first_dose_is_signed() -> None:
    held = [day for b in IMMUNOSEP.blocks for day in range(b.first, b.last + 1)]
    assert {visit.day for visit in IMMUNOSEP.schedule if visit.day >= 1} <= set(held)


def check(rule: Any) -> EditCheck:
    return EditCheck(id="asks", rule=rule, says="Look at it.", columns=(FERRITIN,))


@pytest.mark.parametrize(
    "rule", [CASE.ferritin_ng_ml < 500, CASE.sample_drawn_at.isnull() | (CASE.ferritin_ng_ml > 1)]
)
def test_a_check_may_not_tell_a_hidden_value(rule: Any) -> None:
    asked = {"schedule": SCHEDULE, "casebook": (form(check(rule)),)}
    assert "turns on the value of 'ferritin_ng_ml', which is hidden" in problem(**asked)


def test_a_check_may_ask_whether_there_is_one() -> None:
    rule = CASE.ferritin_ng_ml.notnull() | CASE.sample_drawn_at.isnull()
    assert Trial(**VALID | {"schedule": SCHEDULE, "casebook": (form(check(rule)),)}).casebook
