"""Times brought to one convention, and the moment of assessment filled in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from immunosep.errors import ImmunosepError, SourceError
from immunosep.sources.bedside import fill_assessed_at, patients_of, read_moment

NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
ATHENS = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 3, 14, 30, tzinfo=ATHENS)


def times_of(**times: object) -> tuple[int | None, int | None, int | None]:
    table = patients_of([{"patient_id": "p1", **times}]).table
    row = table.to_pylist()[0]
    return row["sepsis_onset_at"], row["assessed_at"], row["utc_offset_minutes"]


def test_a_time_without_offset_is_in_the_centres_clock():
    assert times_of(sepsis_onset_at="2026-03-02T12:00") == (NOON, None, None)


@pytest.mark.parametrize("written", ["2026-03-02T14:00+02:00", "2026-03-02 14:00:00.9+0200"])
def test_a_time_with_offset_is_in_utc_and_keeps_the_offset(written):
    assert times_of(sepsis_onset_at=written) == (NOON, None, 120)


def test_zulu_time_is_utc():
    assert times_of(sepsis_onset_at="2026-03-02T12:00Z") == (NOON, None, 0)


def test_the_offset_shown_is_that_of_sepsis_onset():
    winter, summer = "2026-03-29T02:00+02:00", "2026-03-29T04:00+03:00"
    onset, assessed, offset = times_of(assessed_at=summer, sepsis_onset_at=winter)
    assert onset is not None
    assert assessed is not None
    assert (assessed - onset, offset) == (3600, 120)


def test_an_entered_offset_makes_local_times_absolute():
    with_offset = times_of(sepsis_onset_at="2026-03-02T14:00", utc_offset_minutes=120)
    assert with_offset == (NOON, None, 120)


def test_times_of_both_kinds_in_a_row_are_refused():
    with pytest.raises(SourceError, match="write all alike"):
        times_of(sepsis_onset_at="2026-03-02T14:00", assessed_at="2026-03-02T14:00Z")


def test_an_offset_that_contradicts_the_times_is_refused():
    with pytest.raises(SourceError, match="utc_offset_minutes contradicts"):
        times_of(sepsis_onset_at="2026-03-02T14:00+02:00", utc_offset_minutes=60)


def filled(at: str, **times: str) -> tuple[int, int | None]:
    patients = patients_of([{"patient_id": "p1", **times}]).table
    row = fill_assessed_at(patients, read_moment(at, now=NOW)).to_pylist()[0]
    return row["assessed_at"], row["utc_offset_minutes"]


def test_filling_keeps_a_time_that_is_given():
    assert filled("now", assessed_at="2026-03-02T12:00") == (NOON, None)


def test_now_is_put_in_utc_for_times_with_offset():
    assert filled("now", sepsis_onset_at="2026-03-02T12:00Z") == (NOON + 24 * 3600 + 1800, 0)


def test_now_is_the_wall_clock_for_times_without_offset():
    assert filled("now", sepsis_onset_at="2026-03-02T12:00") == (NOON + 26 * 3600 + 1800, None)


def test_a_moment_without_offset_does_not_fit_times_with_one():
    with pytest.raises(ImmunosepError, match=r"has no offset .* 1 patient have one; .*\+02:00$"):
        filled("2026-03-02T15:00", sepsis_onset_at="2026-03-02T14:00+02:00")


def test_a_moment_with_offset_does_not_fit_times_without_one():
    with pytest.raises(ImmunosepError, match=r"has an offset .* 1 patient have none; .*08:15$"):
        filled("2026-03-02T15:00+02:00", sepsis_onset_at="2026-03-02T14:00")


def test_a_moment_that_does_not_fit_is_no_matter_where_it_is_not_used():
    assert filled("2026-03-02T15:00Z", assessed_at="2026-03-02T12:00") == (NOON, None)


def test_a_patient_without_times_takes_the_moment_as_it_is():
    assert filled("2026-03-02T14:00+02:00") == (NOON, 120)


def test_a_moment_that_is_no_time_is_refused():
    with pytest.raises(SourceError, match="cannot read the time of assessment"):
        read_moment("tomorrow", now=NOW)
