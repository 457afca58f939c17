"""The spillover matrix: read when it can be trusted, else the reason why it cannot be used."""

import io

import pytest

from immunosep.cytometry.fcs import FcsFile, read_fcs
from tests.written_fcs import written_fcs

MATRIX = "2,FSC-A,PE-A,1,0.13,0.005,1"
UNUSABLE = {
    "9,PE-A": "2 parts, expected 91",
    "65,PE-A": "does not begin with its size",
    "0": "does not begin with its size",
    "two,FSC-A,PE-A,1,0,0,1": "does not begin with its size",
    "2,FSC-A,PE-A,1,0,0": "6 parts, expected 7",
    "2,FSC-A,PE-A,1,0,0,1,0": "8 parts, expected 7",
    "2,FSC-A,FSC-A,1,0,0,1": "names a channel twice",
    "2,FSC-A,CD99,1,0,0,1": "that the file does not have",
    "2,FSC-A,PE-A,nan,0,0,1": "not a finite number",
    "2,FSC-A,PE-A,1e999,0,0,1": "not a finite number",
    "2,FSC-A,PE-A,1,1,1,1": "is singular, or nearly",
    "2,FSC-A,PE-A,0,0,0,0": "is singular, or nearly",
    "2,FSC-A,PE-A,1,0,0,0.0001": "is singular, or nearly",
    "," * 5000: "more than 64 channels",
    "2,FSC-A,PE-A,100,13,0.5,100": "its diagonal is not 1",
    "2,FSC-A,PE-A,1,0,0,2": "its diagonal is not 1",
}


def read(**said: str) -> FcsFile:
    spelt = {name.replace("S_", "$"): value for name, value in said.items()}
    return read_fcs(io.BytesIO(written_fcs(said=spelt)))[0]


@pytest.mark.parametrize("name", ["S_SPILLOVER", "SPILL", "spill"])
def test_a_matrix_is_read_with_its_names(name):
    spillover = read(**{name: MATRIX}).spillover
    assert spillover
    assert spillover.names == ("FSC-A", "PE-A")
    assert spillover.matrix.tolist() == [[1, 0.13], [0.005, 1]]


def test_a_file_without_a_matrix_has_none_and_no_problem():
    assert (read().spillover, read().spillover_problem) == (None, "")


@pytest.mark.parametrize("value", UNUSABLE, ids=lambda value: value[:30])
def test_a_matrix_that_cannot_be_used_is_none_with_the_reason(value):
    found = read(S_SPILLOVER=value)
    assert found.spillover is None
    assert UNUSABLE[value] in found.spillover_problem
    assert found.spillover_problem in found.warnings


def test_the_same_matrix_twice_is_read():
    assert read(S_SPILLOVER=MATRIX, SPILL=MATRIX + " ").spillover is not None


def test_two_matrices_that_differ_cannot_be_used():
    found = read(S_SPILLOVER=MATRIX, SPILL="2,FSC-A,PE-A,1,0,0,1")
    assert found.spillover is None
    assert "differ" in found.spillover_problem


def test_a_matrix_without_names_is_used_only_as_the_identity():
    assert read(S_COMP="3,1,0,0,0,1,0,0,0,1").spillover_problem == ""
    assert "does not say whether" in read(S_COMP="3,1,0.1,0,0,1,0,0,0,1").spillover_problem
    assert "too long" in read(S_COMP="," * 300_000).spillover_problem
    assert read(S_COMP=" ").spillover_problem == ""
