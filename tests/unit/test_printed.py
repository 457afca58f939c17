"""Print against counts: when a number agrees, and what is said when it does not."""

import pytest

from immunosep.analysis.printed import Agreement, compare_printed, gravest, in_digits_of


@pytest.mark.parametrize(
    ("printed", "ours", "agreement", "reason"),
    [
        ("17.2", 17.183, Agreement.AGREES, ""),
        ("-5.6", -5.585, Agreement.AGREES, ""),
        ("35.2", 35.25, Agreement.AGREES, ""),
        ("35.3", 35.25, Agreement.AGREES, ""),
        (".002", 0.0015177, Agreement.AGREES, ""),
        ("<.001", 0.0004, Agreement.AGREES, ""),
        ("<.001", 0.004, Agreement.CONTRADICTS, "not below"),
        ("3.97", 3.9799, Agreement.ROUNDING, "cut off, not rounded"),
        (".34", 0.3349, Agreement.ROUNDING, "rounded twice"),
        ("16.4", 16.32, Agreement.ROUNDING, "off by less than one unit of its last digit"),
        ("1.194", 1.9436, Agreement.CONTRADICTS, "the counts give 1.9436"),
        ("177", 178, Agreement.CONTRADICTS, "the counts give 178"),
        ("0.5", None, Agreement.CONTRADICTS, "the counts give no number"),
        ("", 3.0, Agreement.NOT_PRINTED, ""),
    ],
)
def test_printed_number_is_compared_in_its_own_digits(printed, ours, agreement, reason):
    assert compare_printed(printed, ours) == (agreement, reason)


def test_gravest_decides_for_numbers_printed_together():
    assert gravest([Agreement.AGREES, Agreement.ROUNDING]) is Agreement.ROUNDING
    assert gravest([Agreement.CONTRADICTS, Agreement.AGREES]) is Agreement.CONTRADICTS
    assert gravest([]) is Agreement.NOT_PRINTED


def test_our_number_has_one_digit_more():
    assert in_digits_of("2.34", 2.23421) == "2.234"
