"""What a version would change, counted once; what it may not take away; how the records call it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from immunosep.screening.impact import impact_of
from immunosep.web.amendments import weighing
from immunosep.web.amendments.activating import activate
from immunosep.web.amendments.models import Amendment
from immunosep.web.amendments.weighing import weigh
from immunosep.web.audit.actions import Site
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.records.writing import export_records
from immunosep.web.trial import trial_with
from tests.web.amended import STRICT, approved, live, proposed, taken, versions_in
from tests.web.casebooks import started
from tests.web.people import NOW, Cast
from tests.web.supplied import screened, treated
from tests.web.test_amendments import LATER, refused


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path) -> Iterator[Path]:
    with versions_in(tmp_path):
        yield tmp_path


@pytest.fixture
def amendment(cast: Cast, tmp_path: Path) -> Amendment:
    """Proposed, approved nowhere."""
    return proposed(taken(tmp_path, STRICT), cast.data_manager)


def test_those_enrolled_are_answered_again_only_once_something_changed(
    cast: Cast, amendment: Amendment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(old: Any, new: Any, table: Any, **how: Any) -> Any:
        asked.append(table.num_rows)
        return impact_of(old, new, table, **how)

    monkeypatch.setattr(weighing, "impact_of", counted)
    new = trial_with(amendment.version_id)
    screened(cast)
    allocate("01-0001", by=cast.consultant, now=NOW)
    first = weigh([cast.jena], new, now=NOW)
    assert (weigh([cast.jena], new, now=LATER), asked) == (first, [1])
    screened(cast, "01-0002")
    allocate("01-0002", by=cast.consultant, now=NOW)
    assert weigh([cast.jena], new, now=NOW) == ["2 of 2 would not be eligible."]
    weigh([cast.jena], new, now=NOW + timedelta(days=1))
    weigh([cast.athens], new, now=NOW)
    assert asked == [1, 2, 2]


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ("casebook=tuple(f for f in IMMUNOSEP.casebook if f.id != 'daily_sofa')",
         "no form daily_sofa"),
        ("schedule=tuple(replace(v, id='second') if v.id == 'day_2' else v "
         "for v in IMMUNOSEP.schedule)", "no visit day_2"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("keyed")
def test_a_form_or_visit_with_pages_is_not_amended_away(
    cast: Cast, tmp_path: Path, changed: str, lost: str
) -> None:
    started(treated(cast), cast, "daily_sofa", "day_2")
    amendment = proposed(taken(tmp_path, changed), cast.data_manager)
    approved(amendment, cast.jena, cast.data_manager)
    assert lost in refused(activate, amendment, cast.jena, by=cast.data_manager, now=NOW)
    live(amendment, cast.athens, cast.data_manager)


def test_the_records_name_the_newest_version_that_is_live(
    cast: Cast, amendment: Amendment, tmp_path: Path
) -> None:
    screened(cast)
    allocate("01-0001", by=cast.consultant, now=NOW)
    live(amendment, cast.jena, cast.data_manager)
    manifest = export_records(tmp_path / "records", by=Site(), now=NOW)
    assert (manifest.trial_version, manifest.trial_digest) == ("2.0", amendment.version_id)
