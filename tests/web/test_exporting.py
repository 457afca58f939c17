"""What a site exports is enough for others to replay every allocation, and tells no arm."""

from datetime import timedelta
from pathlib import Path

import pytest

from immunosep.errors import RefusedError
from immunosep.randomisation.code_files import read_code
from immunosep.randomisation.exported import read_allocations
from immunosep.randomisation.opening import read_private_key
from immunosep.randomisation.verify import Verification, verify_with_key
from immunosep.web.audit.offline import first_fault_of_export
from immunosep.web.exporting import ALLOCATIONS, CODE, TRAIL, export_site
from tests.web.people import NOW, Cast, keys
from tests.web.supplied import MALS, randomised

PARTICIPANTS = 5


@pytest.fixture
def exported(cast: Cast, tmp_path: Path) -> Path:
    """The export of a site with five participants."""
    for n in range(PARTICIPANTS):
        randomised(
            cast, f"01-{n + 1:04d}", now=NOW + timedelta(minutes=n), **(MALS if n % 2 else {})
        )
    export_site(tmp_path / "export", now=NOW)
    return tmp_path / "export"


def verified(folder: Path) -> Verification:
    code, made = read_code(folder / CODE), read_allocations(folder / ALLOCATIONS)
    return verify_with_key(code, read_private_key(keys().private_pem), allocations=made)


def test_every_allocation_is_replayed(exported: Path) -> None:
    found = verified(exported)
    assert (found.findings, found.allocations) == ((), PARTICIPANTS)


def test_an_allocation_left_out_is_found(exported: Path) -> None:
    file = exported / ALLOCATIONS
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], *lines[3:]]))
    assert not verified(exported).holds


def test_the_exported_trail_holds(exported: Path) -> None:
    assert first_fault_of_export(exported / TRAIL) is None


def test_no_word_of_an_arm_or_product_is_exported(exported: Path) -> None:
    text = "".join(
        file.read_text() for file in exported.rglob("*") if file.is_file() and file.name != CODE
    )
    assert not [word for word in ("placebo", "precision", "anakinra", "saline") if word in text]


def test_nothing_is_overwritten(exported: Path) -> None:
    with pytest.raises(RefusedError, match="is not empty"):
        export_site(exported, now=NOW)
