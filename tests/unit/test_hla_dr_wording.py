"""A measurement in words: no rounding crosses the limit, nothing is certain."""

import pytest

from immunosep.cytometry.quality import Check, Outcome
from immunosep.cytometry.wording import describe_probability, describe_verdict, say_count, say_found
from tests.unit.measured import beads, blood, measured


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3151.6, "3,152"),
        (4999.4, "4,999"),
        (4999.6, "4,999.6"),
        (4999.97, "4,999.97"),
        (4999.9996, "4,999.9996"),
        (4999.99999, "4,999.99999"),
        (5000, "5,000"),
        (5000.4, "5,000"),
    ],
)
def test_count_is_not_rounded_across_the_limit(value, said):
    assert say_count(value, 5000) == said


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "less than 1 %"), (0.5, "50 %"), (0.994, "99 %"), (0.996, "more than 99 %")],
)
def test_probability_is_never_certain(probability, said):
    assert describe_probability(probability) == said


@pytest.mark.parametrize(
    ("value", "share", "said"),
    [
        (None, False, "unknown"),
        ("same", False, "same"),
        (0.0123, True, "1.23 %"),
        (-0.0949, True, "9.49 %"),
        (1234.0, False, "1,234"),
        (1234, False, "1,234"),
        (0, False, "0"),
        (21.19, False, "21.2"),
        (0.99942, False, "0.99942"),
    ],
)
def test_what_a_check_found(value, share, said):
    check = Check(name="it", value=value, limit="some", outcome=Outcome.PASS, share=share)
    assert say_found(check) == said


def test_verdict_names_the_side_of_the_limit(tmp_path):
    assert "not below 5,000" in describe_verdict(measured(tmp_path, blood(abc=9000), beads()))
    assert "below 5,000." in describe_verdict(measured(tmp_path, blood(abc=3000), beads()))


def test_verdict_without_a_number_gives_the_reasons(tmp_path):
    said = describe_verdict(measured(tmp_path, blood(monocytes=0), beads()))
    assert said.startswith("This pair of tubes gives no number. No CD14")
