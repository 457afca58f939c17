"""Envelopes: the arm stands in the middle panel and nowhere else."""

import re
import zlib
from base64 import a85decode
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab import rl_config

from immunosep.errors import CodeError
from immunosep.protocol import Centre, Trial
from immunosep.randomisation.disclosure import Disclosure, disclose
from immunosep.randomisation.envelopes import PANEL, place_name, write_envelopes
from immunosep.trials.immunosep import IMMUNOSEP
from tests.unit.small_trial import VALID

NORTH = Centre(
    id="north", name="Hospital (north)", city="Ioánnina", country="Greece", latitude=0, longitude=0
)
TRIAL = Trial(**VALID | {"centres": (NORTH,)})
STREAM = re.compile(rb"stream\r?\n(.*?)~>endstream", re.DOTALL)
SHOWN = re.compile(rb"1 0 0 1 [\d.]+ ([\d.]+) Tm \((.*?)\) Tj")


def sheet(position: int, arm: str, **changes: str) -> Disclosure:
    return disclose(TRIAL, stratum="north", position=position, arm=arm, **changes)


def write(path: Path, *sheets: Disclosure, trial: Trial = TRIAL, font: Path | None = None) -> bytes:
    write_envelopes(path, sheets, trial=trial, commitment="c" * 64, font=font)
    return path.read_bytes()


def pages(pdf: bytes) -> list[list[tuple[float, str]]]:
    """Of each page, every text and how high it stands."""
    streams = [zlib.decompress(a85decode(held)) for held in STREAM.findall(pdf)]
    return [
        [(float(height), text.decode("latin-1")) for height, text in SHOWN.findall(stream)]
        for stream in streams
    ]


def panel(page: list[tuple[float, str]], number: int) -> list[str]:
    """The texts of one third, 2 being the topmost."""
    return [text for height, text in page if height // PANEL == number]


@pytest.fixture
def two(tmp_path) -> list[list[tuple[float, str]]]:
    return pages(write(tmp_path / "two.pdf", sheet(1, "active"), sheet(2, "placebo")))


def test_a_sheet_is_written_for_each_slot(two):
    assert len(two) == 2


def test_the_inside_tells_the_treatment_of_each_state(two):
    inside = " ".join(panel(two[0], 1))
    assert "Active" in inside
    assert inside.count("Drug 1 mg, intravenous, every 8 h for up to 7 days") == 2
    assert {"High", "Low"} <= set(panel(two[0], 1))


def test_the_outside_of_sheets_differs_by_the_position_only(two):
    outside = [panel(page, 2) for page in two]
    assert "Position 1" in outside[0]
    assert [text.replace("Position 1", "Position 2") for text in outside[0]] == outside[1]
    assert not any(word in " ".join(outside[0]) for word in ("Active", "Placebo", "Drug"))


def test_the_print_that_hides_the_inside_is_the_same_on_every_sheet(two):
    assert panel(two[0], 0) == panel(two[1], 0)
    assert len(panel(two[0], 0)) > 30


def test_the_same_sheets_make_the_same_file(tmp_path):
    once = write(tmp_path / "a.pdf", sheet(1, "active"))
    assert write(tmp_path / "a.pdf", sheet(1, "active")) == once


def test_a_place_is_named_where_the_stratum_has_one():
    assert place_name(TRIAL, "north/high") == "Hospital (north), Ioánnina"
    assert place_name(TRIAL, "all") == ""


def test_letters_the_built_in_font_lacks_are_named(tmp_path):
    greek = replace(TRIAL, title="Σήψη")
    with pytest.raises(CodeError, match="the built-in font has no Σ ή η ψ"):
        write(tmp_path / "x.pdf", sheet(1, "active"), trial=greek)


VERA = next(
    path for folder in rl_config.TTFSearchPath if (path := Path(folder) / "Vera.ttf").is_file()
)


def test_a_font_that_has_the_letters_is_used(tmp_path):
    pdf = write(tmp_path / "x.pdf", sheet(1, "active"), font=VERA)
    assert b"BitstreamVera" in pdf


def test_letters_the_named_font_lacks_are_named(tmp_path):
    greek = replace(TRIAL, title="Σήψη")
    with pytest.raises(CodeError, match="the named font has no Σ ή η ψ"):
        write(tmp_path / "x.pdf", sheet(1, "active"), trial=greek, font=VERA)


def test_a_font_that_is_none_is_refused(tmp_path):
    with pytest.raises(CodeError, match="is not a TrueType font"):
        write(tmp_path / "x.pdf", sheet(1, "active"), font=Path(__file__))


def test_a_disclosure_of_one_state_tells_no_other():
    assert [treatment.state for treatment in sheet(1, "active", state="low").treatments] == ["Low"]


def test_a_disclosure_without_regimens_tells_the_arm():
    bare = Trial(**VALID | {"regimens": (), "immune_states": ()})
    shown = disclose(bare, stratum="all", position=1, arm="placebo")
    assert (shown.arm, shown.treatments) == ("Placebo", ())


def test_who_opens_an_envelope_reads_the_dose_without_an_abbreviation():
    shown = disclose(IMMUNOSEP, stratum="01_jena", position=1, arm="precision",
                     state="immunoparalysis")  # fmt: skip
    (treatment,) = shown.treatments
    assert treatment.components == (
        "Placebo: sodium chloride 0.9 %, intravenous, every 8 h for up to 15 days",
        "Interferon gamma-1b, recombinant human 100 micrograms, subcutaneous, every 48 h for up "
        "to 15 days",
    )


def test_a_state_the_trial_has_not_is_refused():
    with pytest.raises(CodeError, match="no immune state 'x', expected mals or immunoparalysis"):
        disclose(IMMUNOSEP, stratum="01_jena", position=1, arm="precision", state="x")
