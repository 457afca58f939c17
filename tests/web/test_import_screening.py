"""Results of screening by file: who may, whose, what changes, all or what can be, once only."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.forms import FilledBy
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Entry, Patient
from immunosep.web.enrolment.recording import record_values, values_up_to
from immunosep.web.importing.keeping import KEPT
from immunosep.web.importing.models import Import, ImportedResult
from immunosep.web.importing.planning import BEFORE, TOGETHER, TWICE, UNKNOWN
from immunosep.web.importing.recording import (
    GONE,
    LOOK_AGAIN,
    MOVED,
    SAY_WHY,
    Choice,
    discard_import,
    given_before,
    kept_of,
    left_out_of,
    record_import,
    take_in,
)
from immunosep.web.importing.targets import NOT_ASKED, Target
from tests.unit.bundled import AT as SENT_AT
from tests.unit.bundled import bundle, observation, quantity
from tests.web.at_bedside import patient_of
from tests.web.imported import (
    AT,
    becomes,
    given,
    lines_of,
    reasons,
    recorded,
)
from tests.web.people import NOW, Cast
from tests.web.supplied import screened

ROW = f"01-0001,{AT},800,3000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def number(cast: Cast) -> str:
    """A patient of whom nothing is recorded."""
    return str(patient_of(cast).pk)


@pytest.mark.parametrize("who", ["stranger", "pharmacist", "monitor", "data_manager", "sponsor"])
def test_other_roles_give_no_file(cast: Cast, number: str, who: str) -> None:
    with pytest.raises(PermissionDenied):
        given(getattr(cast, who), ROW)
    assert not Import.objects.exists()


def test_another_centres_patient_is_as_unknown_as_nobody(cast: Cast, number: str) -> None:
    held = given(cast.foreign_consultant, ROW, f"77-0001,{AT},800,3000")
    assert lines_of(held) == []
    assert reasons(held) == [
        (f"line {line}", column, UNKNOWN)
        for line in (2, 3)
        for column in ("ferritin_ng_ml", "hla_dr_per_monocyte")
    ]


def test_the_nurse_fills_in_no_laboratory_form(cast: Cast, number: str) -> None:
    assert {reason for *_, reason in reasons(given(cast.nurse, ROW))} == {NOT_ASKED}


def test_nothing_is_recorded_before_somebody_says_so(cast: Cast, number: str) -> None:
    before = Event.objects.count()
    held = given(cast.laboratory, ROW)
    assert becomes(held) == ["new", "new"]
    assert not Entry.objects.exists()
    assert Event.objects.count() == before + 1


def test_a_file_is_recorded_by_the_action_of_typed_results(cast: Cast, number: str) -> None:
    done = recorded(cast.laboratory, ROW)
    assert (done.state, done.recorded, done.left_out) == ("recorded", 2, 0)
    entry = Entry.objects.get(column="ferritin_ng_ml")
    assert (entry.value, entry.observed_at) == (800, NOW - timedelta(hours=1))
    actions = list(Event.objects.order_by("-sequence").values_list("action", flat=True)[:3])
    assert actions == [
        "importing.record_import",
        "enrolment.record_values",
        "importing.take_in",
    ]


def test_a_line_may_be_of_one_value_with_its_unit(cast: Cast, number: str) -> None:
    header = "participant;moment;column;value;unit"
    recorded(cast.laboratory, f"01-0001;{AT};ferritin_ng_ml;0,8;ug/mL", header=header)
    assert values_up_to(patient(number))["ferritin_ng_ml"] == {"value": 0.8, "unit": "mg/L"}


def patient(number: str) -> Patient:
    return Patient.objects.get(pk=number)


def test_a_unit_of_the_same_size_is_the_columns_own(cast: Cast, number: str) -> None:
    header = "number,moment,ferritin [µg/L]"
    recorded(cast.laboratory, f"01-0001,{AT},800", header=header)
    assert values_up_to(patient(number)) == {"ferritin_ng_ml": 800}


def test_a_bundle_is_recorded_as_a_table_is(cast: Cast, number: str) -> None:
    sent = bundle(observation(valueQuantity=quantity(812.5)), observation(status="preliminary"))
    held = take_in(sent.encode(), by=cast.laboratory, now=NOW)
    assert [place for place, *_ in reasons(held)] == ["entry 3"]
    record_import(held.pk, Choice(), by=cast.laboratory, now=NOW)
    entry = Entry.objects.get()
    assert (entry.value, entry.observed_at) == (812.5, NOW)
    assert SENT_AT.startswith("2026-03-02T10:00")


def test_a_change_needs_a_reason_or_is_left_out(cast: Cast) -> None:
    screened(cast)
    held = given(cast.laboratory, f"01-0001,{AT},90,3000")
    assert becomes(held) == ["changes", "same"]
    assert next(line.was for line in lines_of(held)) == "800 ng/mL"
    with pytest.raises(RefusedError) as refused:
        record_import(held.pk, Choice(), by=cast.laboratory, now=NOW)
    assert refused.value.problems == (SAY_WHY,)
    done = record_import(held.pk, Choice(leave_changes=True), by=cast.laboratory, now=NOW)
    assert (done.recorded, done.left_out) == (0, 2)


def test_a_change_is_recorded_with_its_reason(cast: Cast) -> None:
    screened(cast)
    done = recorded(cast.laboratory, f"01-0001,{AT},90,3000", reason="read from the wrong line")
    assert (done.recorded, values_up_to(patient("01-0001"))["ferritin_ng_ml"]) == (1, 90)
    assert Entry.objects.latest("id").reason == "read from the wrong line"


def test_a_reason_may_stand_in_the_file(cast: Cast) -> None:
    screened(cast)
    header = "number,moment,ferritin_ng_ml,reason"
    recorded(cast.laboratory, f"01-0001,{AT},90,mixed up", header=header)
    assert Entry.objects.latest("id").reason == "mixed up"


def test_a_reason_that_is_too_long_is_refused(cast: Cast, number: str) -> None:
    with pytest.raises(RefusedError, match="longer than 300"):
        recorded(cast.laboratory, ROW, reason="x" * 301)


def test_an_unusual_value_wants_a_second_look(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, f"01-0001,{AT},300000,")
    assert "plausible" in lines_of(held)[0].warning
    with pytest.raises(RefusedError) as refused:
        record_import(held.pk, Choice(), by=cast.laboratory, now=NOW)
    assert refused.value.problems == (LOOK_AGAIN,)
    assert record_import(held.pk, Choice(looked_again=True), by=cast.laboratory, now=NOW).recorded


WRONG = f"01-0001,{AT},>987654,4000"


def test_all_or_nothing_is_nothing_if_one_line_is_wrong(cast: Cast, number: str) -> None:
    patient_of(cast)
    held = given(cast.laboratory, f"01-0002,{AT},800,3000", WRONG)
    assert ("line 3", "hla_dr_per_monocyte", TOGETHER) in reasons(held)
    with pytest.raises(RefusedError) as refused:
        record_import(held.pk, Choice(), by=cast.laboratory, now=NOW)
    assert refused.value.problems[0].startswith("line 3: ferritin_ng_ml: a limit")
    assert not Entry.objects.exists()
    assert "987654" not in str(refused.value) + str(reasons(held))


def test_what_can_be_recorded_is_if_somebody_chooses_so(cast: Cast, number: str) -> None:
    patient_of(cast)
    done = recorded(cast.laboratory, f"01-0002,{AT},800,3000", WRONG, whole=False)
    assert (done.recorded, done.left_out) == (2, 2)
    assert {entry.patient_id for entry in Entry.objects.all()} == {"01-0002"}


WRONG_LINES = {
    f"01-0001,{AT},5 mg,": "text beside the number",
    f'01-0001,{AT},"1,234",': "thousand",
    f"01-0001,{AT},=1+1,": "formula",
    f"01-0001,{AT},nan,": "finite",
    "01-0001,yesterday,800,": "the moment: not a time",
    "01-0001,,800,": "no moment",
    "01-0001,2026-03-29T02:30,800,": "the moment: the clock jumped",
    f",{AT},800,": "no number",
    f"01-0001,{AT},800": "3 cells, the header has 4",
    f"01-0001,{AT},{'8' * 1001},": "longer than",
}


def test_every_line_that_cannot_be_is_refused_by_its_number(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, *WRONG_LINES)
    assert lines_of(held) == []
    told = {place: reason for place, _, reason in reasons(held)}
    wanted = {f"line {n}": words for n, words in enumerate(WRONG_LINES.values(), 2)}
    assert [place for place, words in wanted.items() if words not in told[place]] == []


def test_a_sample_of_the_future_is_refused(cast: Cast, number: str) -> None:
    assert "future" in reasons(given(cast.laboratory, "01-0001,2026-03-02T10:01,800,"))[0][2]


def test_two_values_of_one_patient_are_both_refused(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, f"01-0001,{AT},800,", f"01-0001,{AT},900,")
    assert [reason for *_, reason in reasons(held)] == [TWICE, TWICE]


def test_two_moments_of_one_sample_are_both_refused(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, f"01-0001,{AT},800,", "01-0001,2026-03-02T08:00,,3000")
    assert {reason.split(" for")[0] for *_, reason in reasons(held)} == {"several moments"}


def test_a_screening_result_belongs_to_no_visit(cast: Cast, number: str) -> None:
    header = "number,moment,visit,ferritin_ng_ml"
    held = given(cast.laboratory, f"01-0001,{AT},day_2,800", header=header)
    assert "not randomised" in reasons(held)[0][2]


def test_the_same_file_records_nothing_twice(cast: Cast, number: str) -> None:
    first = recorded(cast.laboratory, ROW)
    again = given(cast.laboratory, ROW)
    assert given_before(again) == first
    assert {reason for *_, reason in reasons(again)} == {BEFORE}
    assert record_import(again.pk, Choice(), by=cast.laboratory, now=NOW).recorded == 0
    assert Entry.objects.count() == 2


def test_a_longer_file_records_what_is_new_in_it(cast: Cast, number: str) -> None:
    patient_of(cast)
    recorded(cast.laboratory, ROW)
    done = recorded(cast.laboratory, ROW, f"01-0002,{AT},900,4000")
    assert (done.recorded, done.left_out) == (2, 2)


def test_recording_again_changes_nothing(cast: Cast, number: str) -> None:
    done = recorded(cast.laboratory, ROW)
    before = Event.objects.count()
    assert record_import(done.pk, Choice(), by=cast.laboratory, now=NOW).recorded == 2
    assert discard_import(done.pk, by=cast.laboratory, now=NOW).state == "recorded"
    assert Event.objects.count() == before


def test_nobody_types_over_somebody_else_by_file(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, ROW)
    record_values(
        number, {"ferritin_ng_ml": 700}, filled_by=FilledBy.LABORATORY, seen=0,
        by=cast.consultant, now=NOW, observed_at=NOW,
    )  # fmt: skip
    with pytest.raises(RefusedError, match="Somebody else changed this"):
        record_import(held.pk, Choice(reason="mine"), by=cast.laboratory, now=NOW)
    assert values_up_to(patient(number)) == {"ferritin_ng_ml": 700}


def test_what_moved_meanwhile_is_left_out(
    cast: Cast, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = given(cast.laboratory, ROW)
    monkeypatch.setattr(Target, "key", property(lambda target: "elsewhere"))
    done = record_import(held.pk, Choice(whole=False), by=cast.laboratory, now=NOW)
    assert done.recorded == 0
    assert {reason for *_, reason in reasons(done)} == {MOVED}


def test_what_a_file_says_is_sealed_and_forgotten(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, f"01-0001,{AT},81234,3000")
    assert b"81234" not in bytes(held.sealed or b"")
    late = NOW + KEPT + timedelta(seconds=1)
    assert kept_of(held, now=late) is None
    assert left_out_of(held, now=late) is None
    with pytest.raises(RefusedError) as refused:
        record_import(held.pk, Choice(), by=cast.laboratory, now=late)
    assert refused.value.problems == (GONE,)
    given(cast.laboratory, ROW, now=late)
    assert Import.objects.get(pk=held.pk).sealed is None


def test_a_file_that_was_put_away_is_not_recorded(cast: Cast, number: str) -> None:
    held = discard_import(given(cast.laboratory, ROW).pk, by=cast.laboratory, now=NOW)
    assert (held.state, held.sealed) == ("discarded", None)
    with pytest.raises(RefusedError):
        record_import(held.pk, Choice(), by=cast.laboratory, now=NOW)


def test_another_secret_key_reads_nothing(cast: Cast, number: str, settings: Any) -> None:
    held = given(cast.laboratory, ROW)
    settings.SECRET_KEY = "another key of fifty characters or more, made for this one test"
    assert kept_of(held, now=NOW) is None


def test_nobody_records_the_file_of_somebody_else(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, ROW)
    with pytest.raises(Import.DoesNotExist):
        record_import(held.pk, Choice(), by=cast.consultant, now=NOW)
    with pytest.raises(Import.DoesNotExist):
        discard_import(held.pk, by=cast.consultant, now=NOW)


def test_a_line_without_a_result_is_no_fault(cast: Cast, number: str) -> None:
    done = recorded(cast.laboratory, ROW, f"01-0001,{AT},,")
    assert (done.recorded, done.left_out) == (2, 1)


def test_what_was_imported_cannot_be_changed(cast: Cast, number: str) -> None:
    recorded(cast.laboratory, ROW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ImportedResult.objects.all().delete()


def test_a_result_is_imported_once(cast: Cast, number: str) -> None:
    done = recorded(cast.laboratory, ROW)
    digest = done.results.first().digest  # type: ignore[union-attr]
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportedResult.objects.create(imported=done, digest=digest)


def test_an_import_that_is_done_says_when(cast: Cast, number: str) -> None:
    held = given(cast.laboratory, ROW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Import.objects.filter(pk=held.pk).update(closed_at=NOW)
