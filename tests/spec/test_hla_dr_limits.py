"""Where a check passes, flags and refuses; how wide the grey zone is; how old a sample may be."""

from math import log, sqrt

import pytest

from immunosep.cytometry import quality
from immunosep.cytometry.handling import Anticoagulant, Handling, Lysis, check_handling
from immunosep.cytometry.quality import worst
from immunosep.cytometry.uncertainty import Uncertainty, is_grey, probability_below, sampling_error
from tests.spec.drawn import rows


@pytest.mark.parametrize(
    "row",
    rows("""
    | limit           | value  | outcome |
    |-----------------|--------|---------|
    | SLOPE           | 0.95   | pass    |
    | SLOPE           | 1.05   | pass    |
    | SLOPE           | 0.9499 | flag    |
    | SLOPE           | 1.0501 | flag    |
    | SLOPE           | 0.90   | flag    |
    | SLOPE           | 0.8999 | refuse  |
    | SLOPE           | 1.1001 | refuse  |
    | R_SQUARED       | 0.998  | pass    |
    | R_SQUARED       | 0.9979 | flag    |
    | R_SQUARED       | 0.995  | flag    |
    | R_SQUARED       | 0.9949 | refuse  |
    | RESIDUAL        | 0.06   | pass    |
    | RESIDUAL        | 0.061  | flag    |
    | RESIDUAL        | 0.101  | refuse  |
    | SLOPE_ONE       | 0.05   | pass    |
    | SLOPE_ONE       | 0.051  | flag    |
    | SLOPE_ONE       | 0.101  | refuse  |
    | BEADS_PER_LEVEL | 500    | pass    |
    | BEADS_PER_LEVEL | 499    | flag    |
    | BEADS_PER_LEVEL | 100    | flag    |
    | BEADS_PER_LEVEL | 99     | refuse  |
    | BEADS_IN_LEVELS | 0.70   | pass    |
    | BEADS_IN_LEVELS | 0.69   | flag    |
    | BEADS_IN_LEVELS | 0.49   | refuse  |
    | LEVEL_CV        | 0.20   | pass    |
    | LEVEL_CV        | 0.21   | flag    |
    | LEVEL_CV        | 0.31   | refuse  |
    | COMB            | 1.5    | pass    |
    | COMB            | 1.49   | flag    |
    | COMB            | 1.19   | refuse  |
    | MONOCYTES       | 1000   | pass    |
    | MONOCYTES       | 999    | flag    |
    | MONOCYTES       | 200    | flag    |
    | MONOCYTES       | 199    | refuse  |
    | MARGIN          | 0.01   | pass    |
    | MARGIN          | 0.011  | refuse  |
    | NOT_POSITIVE    | 0.011  | refuse  |
    | NOT_FINITE      | 0.0011 | refuse  |
    | SECOND_GATE     | 0.051  | flag    |
    | MEDIAN_APART    | 0.11   | flag    |
    | MONOCYTES       | nan    | refuse  |
    """),
    ids=lambda row: f"{row['limit']} {row['value']}",
)
def test_limit(row):
    assert getattr(quality, row["limit"]).judge(row["value"]) == row["outcome"]


def error(cv: float) -> Uncertainty:
    """Of a log-normal value with this coefficient of variation, the deviation of ln."""
    return Uncertainty(beads=0, sampling=0, assay=sqrt(log(1 + cv**2)))


@pytest.mark.parametrize(
    "row",
    rows("""
    | cv   | grey_from | grey_to | at_4500 | at_4000 | at_6000 | at_7000 |
    |------|-----------|---------|---------|---------|---------|---------|
    | 0.05 |      4534 |    5514 |    0.02 |       0 |       0 |       0 |
    | 0.08 |      4275 |    5847 |    0.09 |   0.003 |    0.01 |       0 |
    | 0.10 |      4112 |    6080 |    0.15 |    0.01 |    0.03 |       0 |
    | 0.15 |      3732 |    6698 |    0.24 |    0.07 |    0.11 |    0.01 |
    | 0.20 |      3392 |    7371 |    0.30 |    0.13 |    0.18 |    0.05 |
    | 0.25 |      3086 |    8101 |    0.33 |    0.18 |    0.23 |    0.09 |
    """),
    ids=lambda row: f"CV {row['cv']}",
)
def test_grey_zone_and_the_chance_of_the_other_side(row):
    found = error(row["cv"])
    edges = [row["grey_from"] - 1, row["grey_from"] + 1, row["grey_to"] - 1, row["grey_to"] + 1]
    assert [is_grey(value, 5000, found) for value in edges] == [False, True, True, False]
    above = [1 - probability_below(value, 5000, found) for value in (4500, 4000)]
    below = [probability_below(value, 5000, found) for value in (6000, 7000)]
    expected = [row["at_4500"], row["at_4000"], row["at_6000"], row["at_7000"]]
    assert [*above, *below] == pytest.approx(expected, abs=0.0055)


@pytest.mark.parametrize(
    "row",
    rows("""
    | monocytes | decades | error |
    |-----------|---------|-------|
    |       200 |    0.20 | 0.033 |
    |       500 |    0.20 | 0.021 |
    |      1000 |    0.20 | 0.015 |
    |      3000 |    0.20 | 0.008 |
    |      1000 |    0.30 | 0.022 |
    """),
)
def test_sampling_of_monocytes(row):
    found = sampling_error(row["decades"], row["monocytes"])
    assert found == pytest.approx(row["error"], abs=5e-4)


@pytest.mark.parametrize(
    "row",
    rows("""
    | hours | cooled | shipped | lysis   | tube      | outcome |
    |-------|--------|---------|---------|-----------|---------|
    |     4 | no     | no      | wash    | EDTA      | pass    |
    |     4 | -      | no      | no-wash | EDTA      | pass    |
    |   4.5 | no     | no      | no-wash | EDTA      | refuse  |
    |   4.5 | yes    | no      | no-wash | EDTA      | flag    |
    |    24 | yes    | no      | no-wash | EDTA      | flag    |
    |    25 | yes    | no      | no-wash | EDTA      | refuse  |
    |     4 | no     | yes     | no-wash | EDTA      | pass    |
    |     6 | no     | yes     | no-wash | EDTA      | flag    |
    |     7 | yes    | yes     | no-wash | EDTA      | refuse  |
    |     5 | -      | no      | no-wash | EDTA      | refuse  |
    |     - | yes    | no      | no-wash | EDTA      | refuse  |
    |     2 | yes    | -       | no-wash | EDTA      | refuse  |
    |     2 | yes    | no      | -       | EDTA      | refuse  |
    |     2 | yes    | no      | wash    | -         | flag    |
    |     2 | yes    | no      | wash    | heparin   | flag    |
    |    72 | no     | yes     | wash    | Cyto-Chex | flag    |
    |    73 | no     | yes     | wash    | Cyto-Chex | refuse  |
    """),
    ids=lambda row: " ".join(str(value) for value in row.values()),
)
def test_handling_of_a_sample(row):
    handling = Handling(
        hours_to_stain=row["hours"],
        cooled=row["cooled"],
        shipped=row["shipped"],
        lysis=None if row["lysis"] is None else Lysis(row["lysis"]),
        tube=None if row["tube"] is None else Anticoagulant(row["tube"]),
    )
    assert worst(check_handling(handling)) == row["outcome"]


def test_handling_that_is_not_given_is_flagged():
    assert worst(check_handling(None)) == "flag"


@pytest.mark.parametrize(
    "row",
    rows("""
    | shipped | tube      | own  | error |
    |---------|-----------|------|-------|
    | no      | EDTA      | -    |  0.05 |
    | yes     | EDTA      | -    |  0.10 |
    | yes     | Cyto-Chex | -    |  0.20 |
    | yes     | EDTA      | 0.03 |  0.03 |
    """),
)
def test_error_of_the_assay(row):
    handling = Handling(
        shipped=row["shipped"], tube=Anticoagulant(row["tube"]), assay_cv=row["own"]
    )
    assert handling.assay_error == row["error"]
