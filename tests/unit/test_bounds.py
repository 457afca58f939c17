"""Bounds: what a partly known score can be, and the verdict they allow."""

import ibis
import pytest

from immunosep.concepts.bounds import Bounds, bounds_of_count, decide_by_bounds, sum_of_bounds
from tests.spec.drawn import answers, rows

DECIDED = rows("""
| at_lowest | at_highest | decided |
|-----------|------------|---------|
| yes       | yes        | yes     |
| no        | no         | no      |
| no        | yes        | -       |
| -         | yes        | -       |
| -         | no         | no      |
| no        | -          | -       |
| yes       | -          | -       |
| -         | -          | -       |
""")

COUNTED = rows("""
| a   | b   | c   | lowest | highest | known | two |
|-----|-----|-----|--------|---------|-------|-----|
| yes | yes | no  | 2      | 2       | 2     | yes |
| no  | no  | -   | 0      | 1       | -     | no  |
| yes | -   | no  | 1      | 2       | -     | -   |
| yes | yes | -   | 2      | 3       | -     | yes |
| -   | -   | -   | 0      | 3       | -     | -   |
""")

ENDS = ibis.table({"at_lowest": "boolean", "at_highest": "boolean"}, name="ends")
FACTS = ibis.table({"a": "boolean", "b": "boolean", "c": "boolean"}, name="facts")


def decide(ends: ibis.Table) -> ibis.Table:
    return ends.select(
        decided=decide_by_bounds(at_lowest=ends.at_lowest, at_highest=ends.at_highest)
    )


def count(facts: ibis.Table) -> ibis.Table:
    counted = bounds_of_count([facts.a, facts.b, facts.c])
    return facts.select(
        lowest=counted.lowest,
        highest=counted.highest,
        known=counted.known,
        two=counted.at_least(2),
    )


def test_rule_is_decided_by_both_ends():
    found = answers(decide, DECIDED, of=ENDS)
    assert [row["decided"] for row in found] == [row["decided"] for row in DECIDED]


@pytest.mark.parametrize("column", ["lowest", "highest", "known", "two"])
def test_count_of_facts_partly_known(column):
    assert [row[column] for row in answers(count, COUNTED, of=FACTS)] == [
        row[column] for row in COUNTED
    ]


def test_sum_of_bounds_adds_end_to_end():
    def total(facts: ibis.Table) -> ibis.Table:
        part = bounds_of_count([facts.a, facts.b])
        fixed = Bounds(lowest=ibis.literal(1), highest=ibis.literal(1))
        whole = sum_of_bounds([part, fixed])
        return facts.select(lowest=whole.lowest, highest=whole.highest)

    assert answers(total, [{"a": True}], of=FACTS) == [{"lowest": 2, "highest": 3}]
