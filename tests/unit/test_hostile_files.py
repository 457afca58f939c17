"""Files that are damaged, wrong or meant to harm: one clear error, exit 2, and no value in it."""

import codecs
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from immunosep.cli.app import app

SECRET = "987654"  # stands for a patient's value; no message may show it
HEADER = "patient_id,age_years,unit,ferritin_ng_ml\n"
ROW = f"p1,64,Ward,{SECRET}\n"


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table({"patient_id": ["p1"], "age_years": [64]}), folder / "whole")
    return (folder / "whole").read_bytes()


def text(content: str) -> bytes:
    return content.encode()


HOSTILE = {
    "empty": (text(""), "is empty"),
    "blank lines only": (text("\n\n  \n"), "is empty"),
    "a header only": (text(HEADER), "holds no patient"),
    "no header": (text(ROW), "is no header"),
    "a line cut short": (text(f"{HEADER}{ROW}p2,64"), "may be cut short"),
    "a quotation mark left open": (text(f'{HEADER}{ROW}p2,64,"War'), "cut short"),
    "separated by bars": (text((HEADER + ROW).replace(",", "|")), "separated by '|'"),
    "separated by spaces": (text((HEADER + ROW).replace(",", " ")), "is no header"),
    "decimal commas": (text(f"{HEADER}p1,64,Ward,4421,5\n"), "put quotation marks"),
    "latin-1": ((HEADER + ROW.replace("Ward", "Säle")).encode("latin-1"), "Latin-1"),
    "utf-16": (codecs.BOM_UTF16_LE + (HEADER + ROW).encode("utf-16-le"), "UTF-16"),
    "utf-16 without a mark": ((HEADER + ROW).encode("utf-16-le"), "UTF-16"),
    "zero bytes": (text(f"{HEADER}{ROW}" + "p2,1,,\n" * 999 + "p3,\0,,\n"), "zero bytes"),
    "a workbook": (b"PK\x03\x04" + b"\x00" * 100, "a workbook"),
    "a PDF": (b"%PDF-1.7\n\xff\x00", "is a PDF"),
    "a web page": (text("<html><table>"), "is a web page"),
    "json of text": (text('"hi"'), "else than objects"),
    "json of no patient": (text("[]"), "holds no patient"),
    "json keyed by patient": (text(f'{{"{SECRET}": {{"sofa": 3}}}}'), "none of its keys is known"),
    "json with a name twice": (text(f'{{"{SECRET}": 1, "{SECRET}": 2}}'), "a key more than once"),
    "on its side": (text(f"patient_id,{SECRET}\nage_years,50\nsex,f\n"), "first column"),
    "mostly unknown headers": (text(f"patient_id,{SECRET}\np1,1\n"), "header 2 is not known"),
    "a delimiter told wrong": (text("sep=|\n" + HEADER + ROW), "separated by '|'"),
    "not a number": (text(f"{HEADER}p1,NaN,Ward,{SECRET}\n"), "not a finite number"),
    "infinite": (text(f"{HEADER}p1,64,Ward,inf\n"), "not a finite number"),
    "negative": (text(f"{HEADER}p1,64,Ward,-{SECRET}\n"), "outside the possible"),
    "absurd": (text(f"{HEADER}p1,{SECRET},Ward,1\n"), "outside the possible"),
    "beyond a limit": (text(f"{HEADER}p1,64,Ward,>{SECRET}\n"), "a limit"),
    "the same patient twice": (text(f"{HEADER}{SECRET},,,\n{SECRET},,,\n"), "lines 2, 3"),
    "a formula for a name": (text(f"{HEADER}=cmd|'/c calc'!A{SECRET},,,\n"), "formula"),
    "a formula for a unit": (text(f'{HEADER}p1,64,"@SUM({SECRET})",1\n'), "formula"),
    "a formula for a number": (text(f"{HEADER}p1,64,Ward,={SECRET}\n"), "formula"),
    "terminal codes": (text(f"{HEADER}p1\x1b[2J{SECRET},,,\n"), "control character"),
    "a cell too long": (text(f"{HEADER}{SECRET * 50_000},,,\n"), "cannot be split into cells"),
    "json cut short": (text('{"patients": [{"patient_id": "p1", "age_years":'), "not JSON"),
    "json of something else": (text(f"[{SECRET}, 2]"), "else than objects"),
    "json nested deep": (text("[" * 100_000), "nested too deeply"),
    "json with a key twice": (text('{"patient_id": "p1", "patient_id": "p2"}'), "more than once"),
    "json not a number": (text('{"patient_id": "p1", "age_years": NaN}'), "not a finite number"),
    "json huge number": (text('{"patient_id": "p1", "age_years": 1' + "0" * 5000 + "}"), "JSON"),
    "gzip cut short": (gzip.compress(text(HEADER + ROW))[:-12], "gzip is damaged"),
    "parquet cut short": (b"PAR1" + b"\x00" * 50, "is not Parquet"),
}


def refused(path: Path) -> str:
    answer = CliRunner().invoke(app, ["screen", str(path)])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("error: ")
    assert "Traceback" not in answer.stderr
    return answer.stderr


@pytest.mark.parametrize("circumstance", HOSTILE)
def test_a_hostile_file_is_one_clear_error(tmp_path, circumstance):
    content, said = HOSTILE[circumstance]
    path = tmp_path / "patients.csv"
    path.write_bytes(content)
    message = refused(path)
    assert said in message
    assert SECRET not in message
    assert str(tmp_path) not in message


def test_a_parquet_file_cut_short_is_one_clear_error(tmp_path):
    path = tmp_path / "patients.parquet"
    path.write_bytes(parquet(tmp_path)[:-20])
    assert "cut short" in refused(path)


def test_a_name_that_promises_parquet_is_held_to_it(tmp_path):
    path = tmp_path / "patients.parquet"
    path.write_text(HEADER + ROW)
    assert "is not Parquet" in refused(path)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_million_columns_are_one_clear_error(tmp_path, separator):
    path = tmp_path / "patients.csv"
    path.write_text(separator.join(f"c{n}" for n in range(1_000_000)) + "\n")
    assert "has 1,000,000 columns" in refused(path)


def test_an_object_of_many_keys_is_one_clear_error(tmp_path):
    path = tmp_path / "patients.json"
    path.write_text("{" + ",".join(f'"c{n}":1' for n in range(100_000)) + "}")
    assert "has 100,000 columns" in refused(path)


def test_a_missing_file_is_one_clear_error(tmp_path):
    assert "there is no such file" in refused(tmp_path / "absent.csv")


def test_a_folder_is_one_clear_error(tmp_path):
    assert "is a folder" in refused(tmp_path)


def test_the_folder_one_stands_in_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert f"cannot read {tmp_path.name}:" in refused(Path())


def test_a_gzip_that_unpacks_too_large_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("immunosep.sources.bedside.files.MAX_BYTES", 1000)
    path = tmp_path / "patients.csv"
    path.write_bytes(gzip.compress(b"a" * 100_000))
    assert "is larger than" in refused(path)


def test_a_byte_order_mark_is_no_error(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_bytes(codecs.BOM_UTF8 + text(HEADER + ROW))
    assert CliRunner().invoke(app, ["screen", str(path)]).exit_code == 0
