"""The forms a laboratory types: bead lot, channel mapping, handling of a sample."""

from datetime import date

import pytest

from immunosep.cytometry.channels import read_channel_map
from immunosep.cytometry.handling import Handling, Lysis, read_handling
from immunosep.cytometry.lots import read_lot
from immunosep.errors import SourceError
from tests.unit.measured import LOT_TOML


@pytest.fixture
def form(tmp_path):
    def write(text):
        path = tmp_path / "form.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_lot_is_read(form):
    lot = read_lot(form(LOT_TOML))
    assert (lot.lot, lot.expires) == ("96597", date(2027, 3, 31))
    assert lot.pe_per_bead == (638, 6930, 31008, 67601)


def test_lot_may_be_a_number_and_its_day_a_text(form):
    lot = read_lot(form(LOT_TOML.replace('"96597"', "96597").replace("2027-03-31", '"2027-03-31"')))
    assert (lot.lot, lot.expires) == ("96597", date(2027, 3, 31))


def test_day_with_an_hour_is_a_day(form):
    assert read_lot(form(LOT_TOML.replace("-31", "-31T12:00:00"))).expires == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lot = "96597"', "", "lot is missing"),
        ('"96597"', '" "', "lot is empty"),
        ('"96597"', "true", "lot is not a text"),
        ("expires = 2027-03-31", "", "expires is missing"),
        ("2027-03-31", '"soon"', "expires is not a date"),
        ("2027-03-31", "2027", "expires is not a date"),
        ("638, 6930", "6930, 638", "does not rise"),
        ("638, 6930", "638, 638", "does not rise"),
        ("638, ", "", "has 3 values; expected 4"),
        ("638", "9", "outside 100 to 200,000"),
        ("67601", "670000", "outside 100 to 200,000"),
        ("638", '"638"', "is not a list of numbers"),
        ("[638, 6930, 31008, 67601]", "638", "is not a list of numbers"),
        ("lot =", "pe_per_antibody = 0\nlot =", "pe_per_antibody is outside"),
        ("lot =", "pe_per_antibody = 'one'\nlot =", "pe_per_antibody is not a number"),
        ("lot =", "colour = 1\nlot =", "'colour' is no key"),
        ("lot =", "lot", "is not TOML"),
        ("638", "9" * 400, "pe_per_bead is not a list of numbers"),
        ("638", "9" * 5000, "is no form"),
        ("638", "[" * 5000, "is no form"),
    ],
)
def test_lot_that_cannot_be(form, old, new, said):
    with pytest.raises(SourceError, match=said):
        read_lot(form(LOT_TOML.replace(old, new)))


def test_every_problem_of_a_lot_is_listed(form):
    with pytest.raises(SourceError) as error:
        read_lot(form('lot = ""\nexpires = "soon"\npe_per_bead = [9, 8, 7]\ncolour = 1'))
    assert len(error.value.problems) == 6


def test_form_that_is_absent(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_lot(tmp_path / "none.toml")


def test_form_that_is_no_text(tmp_path):
    path = tmp_path / "lot.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="UTF-8"):
        read_lot(path)


def test_form_that_is_far_too_large(tmp_path):
    path = tmp_path / "lot.toml"
    path.write_bytes(b"#" * 200_000)
    with pytest.raises(SourceError, match="larger than"):
        read_lot(path)


def test_handling_is_read(form):
    found = read_handling(form('hours_to_stain = 2.5\nshipped = true\nlysis = "wash"'))
    assert found == Handling(hours_to_stain=2.5, shipped=True, lysis=Lysis.WASH)


def test_empty_handling_knows_nothing(form):
    assert read_handling(form("")) == Handling()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('hours_to_stain = "2"', "hours_to_stain is not a number"),
        ("hours_to_stain = -1", "hours_to_stain is not a number"),
        ('cooled = "yes"', "cooled is not true or false"),
        ("shipped = 1", "shipped is not true or false"),
        ('lysis = "some"', "lysis is not known; expected wash or no-wash"),
        ('tube = "glass"', "tube is not known; expected EDTA"),
        ("assay_cv = 5", "assay_cv is outside"),
        ("weather = 1", "'weather' is no key"),
    ],
)
def test_handling_that_cannot_be(form, text, said):
    with pytest.raises(SourceError, match=said):
        read_handling(form(text))


def test_tube_is_read(form):
    assert read_handling(form('tube = "Cyto-Chex"\nassay_cv = 0.1')).fixed


def test_channel_map_is_read(form):
    assert read_channel_map(form('cd14 = "FL3-H"')) == {"cd14": "FL3-H"}


def test_channel_map_that_cannot_be(form):
    with pytest.raises(SourceError) as error:
        read_channel_map(form('cd15 = "FL3-H"\ncd14 = 3'))
    assert len(error.value.problems) == 2
