"""Tables of results: headers, units, one line per sample or per value, and files that are none."""

import pytest

from immunosep.errors import SourceError
from immunosep.sources.result_files import MAX_LINES, read_results
from immunosep.sources.results import Refused, Result, Results
from tests.unit.bundled import bundle, observation

AT = "2026-03-02T09:00"


def read(*lines: str) -> Results:
    return read_results("\n".join(lines).encode())


def test_a_line_per_sample_has_a_result_for_each_column() -> None:
    found = read("Number,moment,ferritin [ug/L],hla_dr_per_monocyte", f"01-0001,{AT},800,NA")
    assert list(found.taken) == [
        Result(place="line 2", person="01-0001", column="ferritin_ng_ml", text="800",
               unit="ug/L", at=AT)
    ]  # fmt: skip


def test_a_line_per_value_names_its_column_and_unit() -> None:
    found = read(
        "sep=;",
        "patient;observed_at;visit;reason;column;value;unit",
        f"01-0001;{AT};day_2;late;Gcs;14;",
        f"01-0001;{AT};;;creatinine_mg_dl;106;umol/L",
    )
    assert [(r.place, r.column, r.text, r.unit, r.visit, r.reason) for r in found.taken] == [
        ("line 3", "gcs", "14", "", "day_2", "late"),
        ("line 4", "creatinine_mg_dl", "106", "umol/L", "", ""),
    ]


def test_a_line_keeps_its_number_after_blank_and_broken_lines() -> None:
    header = "number,moment,visit,not_assessed_reason"
    found = read(header, "", f'1,{AT},,"two\nlines"', f"2,{AT},,x")
    assert [each.place for each in found.taken] == ["line 3", "line 5"]


def test_a_line_of_one_value_says_what_is_wrong() -> None:
    found = read(
        "number,moment,column,value,unit",
        f"01-0001,{AT},987654,1,",
        f"01-0001,{AT},ferritin_ng_ml,NA,",
        f"01-0001,{AT},ferritin_ng_ml,8,987654",
        f"01-0001,{AT},sex,male,kg",
    )
    assert not found.taken
    assert [each.place for each in found.refused] == [f"line {n}" for n in (2, 3, 4, 5)]
    assert "987654" not in str(found.refused)


def test_a_line_that_is_cut_or_empty_is_refused_alone() -> None:
    found = read("number,moment,gcs", f"1,{AT}", f",{AT},3", f"2,{AT},", f"3,{AT},{'9' * 1001}",
                 f"4,{AT},15")  # fmt: skip
    assert [each.place for each in found.taken] == ["line 6"]
    assert [each.faulty for each in found.refused] == [True, True, False, True]
    assert found.refused[2] == Refused(place="line 4", reason="no result", faulty=False)


def test_a_bundle_knows_people_by_their_number_in_the_trial() -> None:
    (taken,) = read_results(bundle(observation()).encode()).taken
    assert taken.person == "01-0001"


def test_a_bundle_of_more_results_than_somebody_reads_is_refused() -> None:
    many = [observation(effectiveDateTime=f"2026-03-02T{n // 60:02}:{n % 60:02}:00Z")
            for n in range(MAX_LINES + 1)]  # fmt: skip
    with pytest.raises(SourceError, match="more than 250 results"):
        read_results(bundle(*many).encode())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"\x1f\x8b\x08", "is compressed"),
        (b"PK\x03\x04" + b"\x00" * 40, "a workbook"),
        ("number,moment,sofa\n1,2,ä".encode("latin-1"), "Latin-1"),
        ("number,moment,sofa".encode("utf-16"), "UTF-16"),
        (b"<html>", "a web page"),
        (b'[{"number": 1}]', "no FHIR Bundle"),
        (b'{"resourceType": "Bundle", "a": ' + b"[" * 50_000, "nested too deeply"),
        (b"number|moment|ferritin_ng_ml\n1|2|3\n", "header 1 is not known"),
        (b"sep=|\nnumber|moment\n", "commas, semicolons or tabs"),
        (b"moment,ferritin_ng_ml\n2,3\n", "no header number"),
        (b"number,moment\n1,2\n", "no column of results"),
        (b"number,moment,column,value,ferritin_ng_ml\n1,2,3,4,5\n", "one or the other"),
        (b"number,moment,ferritin_ng_ml,ferritin [ug/L]\n1,2,3,4\n", "two headers give"),
        (b"number,moment,ferritin\n1,2,3\n", "has no unit"),
        (b"number,moment,ferritin [mmol/L]\n1,2,3\n", "factor of the molecule"),
        (b"number,moment,sex [kg]\n1,2,3\n", "takes none"),
        (b"number,moment,ferritinn_ng_ml\n1,2,3\n", "the nearest is ferritin_ng_ml"),
        (b"number,moment,987654\n1,2,3\n", "header 3 is not known"),
        (b'number,moment,ferritin_ng_ml\n1,2,"3\n', "quotation mark"),
        (b"number,moment,ferritin_ng_ml\n", "holds no result"),
        (b"number,moment,ferritin_ng_ml\n" + b"1,2,3\n" * 251, "more than 250 lines"),
        (b"number,moment," + b"a," * 300 + b"\n", "more than 200 columns"),
    ],
)
def test_what_is_no_file_of_results_is_refused_as_a_whole(content: bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told) as refused:
        read_results(content)
    assert "987654" not in str(refused.value)
