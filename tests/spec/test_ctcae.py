"""CTCAE 5.0 (NCI 2017), Investigations: each grade's border as the term's text draws it."""

import pytest

from immunosep.concepts.ctcae import GRADED, MEASURED, TERMS, derive_grades
from immunosep.tables.dictionary import COLUMNS
from tests.spec.drawn import Row, answers, rows

PLATELETS = rows("""
| value | lower | grade |
|-------|-------|-------|
| 150   | 150   | 0     |
| 149.9 | 150   | 1     |
| 75    | 150   | 1     |
| 74.9  | 150   | 2     |
| 50    | 150   | 2     |
| 49.9  | 150   | 3     |
| 25    | 150   | 3     |
| 24.9  | 150   | 4     |
| 74.9  | -     | 2     |
| 75    | -     | -     |
| -     | 150   | -     |
""")

NEUTROPHILS = rows("""
| value | lower | grade |
|-------|-------|-------|
| 1800  | 1800  | 0     |
| 1799  | 1800  | 1     |
| 1500  | 1800  | 1     |
| 1499  | 1800  | 2     |
| 1000  | 1800  | 2     |
| 999   | 1800  | 3     |
| 500   | 1800  | 3     |
| 499   | -     | 4     |
""")

BILIRUBIN = rows("""
| value | upper | baseline | grade |
|-------|-------|----------|-------|
| 1.0   | 1.0   | -        | 0     |
| 1.1   | 1.0   | -        | 1     |
| 1.5   | 1.0   | 0.8      | 1     |
| 1.6   | 1.0   | 1.0      | 2     |
| 3.0   | 1.0   | -        | 2     |
| 3.1   | 1.0   | -        | 3     |
| 10    | 1.0   | -        | 3     |
| 10.1  | 1.0   | -        | 4     |
| 3.1   | 1.0   | 2.0      | 2     |
| 3.0   | 1.0   | 2.0      | 1     |
| 2.0   | 1.0   | 2.0      | 0     |
| 20.1  | 1.0   | 2.0      | 4     |
| 10.1  | -     | 1.0      | -     |
""")

CREATININE = rows("""
| value | upper | baseline | grade |
|-------|-------|----------|-------|
| 1.0   | 1.0   | -        | 0     |
| 1.1   | 1.0   | -        | 1     |
| 1.5   | 1.0   | 1.0      | 1     |
| 1.6   | 1.0   | -        | 2     |
| 3.0   | 1.0   | -        | 2     |
| 3.1   | 1.0   | -        | 3     |
| 6.0   | 1.0   | -        | 3     |
| 6.1   | 1.0   | -        | 4     |
| 0.9   | 1.0   | 0.5      | 2     |
| 1.6   | 2.0   | 0.5      | 3     |
| 1.6   | -     | 0.5      | 3     |
| 0.5   | -     | 0.5      | -     |
""")


def graded(drawn: list[Row], column: str) -> list[Row]:
    given = [
        {name: None for name in MEASURED.columns}
        | {
            column: row["value"],
            f"{column}_lower": row.get("lower"),
            f"{column}_upper": row.get("upper"),
            f"{column}_baseline": row.get("baseline"),
        }
        for row in drawn
    ]
    return answers(derive_grades, given, of=MEASURED)


@pytest.mark.parametrize(
    ("term", "drawn"),
    list(zip(TERMS, (PLATELETS, NEUTROPHILS, BILIRUBIN, CREATININE), strict=True)),
)
def test_grade(term, drawn):
    found = graded(drawn, term.column)
    assert [row[term.id] for row in found] == [row["grade"] for row in drawn]


def test_each_graded_column_is_one_of_the_dictionary():
    assert [term.column for term in TERMS] == list(GRADED)
    assert [name for name in GRADED if name not in COLUMNS] == []
