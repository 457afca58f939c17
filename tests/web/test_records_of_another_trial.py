"""Records of a site that runs another trial: what a form is about is known by its columns."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from immunosep.randomisation.code import Purpose, SealedCode, seal_sequence
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.web.audit.actions import Site
from immunosep.web.casebook.recording import write_page
from immunosep.web.records.archive.writing import write_archive
from immunosep.web.records.tables import tables_of
from tests.web import provide_followed
from tests.web.people import NOW, SEED, Cast, keys, make_site
from tests.web.provide_followed import TRIAL
from tests.web.supplied import treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
AFTER = NOW + timedelta(days=30)
AT = NOW + timedelta(days=6)
TOLD: dict[tuple[str, str], dict[str, Any]] = {
    ("organs", "day_7"): {"gcs": 14, "map_mmhg": 65, "urine_ml_day": 1800, "pao2_mmhg": 80,
                          "fio2": 0.4, "respiratory_support": True},
    ("chemistry", "day_7"): {"platelets_10e3_ul": 90, "bilirubin_mg_dl": 3,
                             "creatinine_mg_dl": 1.0},
    ("cytometry", "day_7"): {"sample_drawn_at": AT.isoformat(), "ferritin_ng_ml": 512},
    ("survival", "day_7"): {"vital_status": "alive", "treatment_completed": True,
                            "infection_outcome": "resolution"},
    ("survival", "day_28"): {"vital_status": "dead", "died_at": AFTER.isoformat()},
    ("skipped", ""): {"dose_route": "intravenous", "dose_number": 2, "dose_deviation": "missed",
                      "dose_reason": "no_access"},
    ("harms", ""): {"event_term": "anaemia", "serious": True, "serious_disability": True},
    ("drugs", ""): {"medication": "meropenem", "medication_from": NOW.isoformat()},
    ("theatre", ""): {"procedure": "surgery", "procedure_from": NOW.isoformat()},
}  # fmt: skip


def code() -> SealedCode:
    specification = specify(plan_of(TRIAL), strata=strata_of(TRIAL), slots_per_stratum=8)
    return seal_sequence(
        draw_sequence(specification, draw_for=streams_of(SEED)), specification=specification,
        public_pem=keys().public_pem, nonce=sha256(SEED).digest(), trial=TRIAL.id,
        trial_version=TRIAL.version, trial_digest=TRIAL.digest, purpose=Purpose.TEST,
    )  # fmt: skip


@pytest.fixture
def followed(db: None, settings: Any) -> Cast:
    """A participant of the other trial, with something on each of its forms."""
    settings.TRIAL = str(Path(provide_followed.__file__))
    cast = make_site(code())
    treated(cast, septic_shock=True)
    laboratory = {form.id for form in TRIAL.casebook if form.filled_by == "laboratory"}
    for (form, visit), said in TOLD.items():
        by = cast.laboratory if form in laboratory else cast.nurse
        write_page("01-0001", form, said, visit=visit, by=by, now=AFTER)
    return cast


def rows(*, trial_locked: bool = False) -> dict[str, list[dict[str, Any]]]:
    tables = tables_of(trial_locked=trial_locked)
    return {name: table.to_pylist() for name, table in tables.items()}


def test_what_stands_on_forms_of_other_names_is_in_the_records(followed: Cast) -> None:
    found = rows()
    (person,) = found["participants"]
    assert person["arm"] in {arm.id for arm in TRIAL.arms}
    assert (person["treatment_completed"], person["infection_outcome"]) == (True, "resolution")
    assert (person["septic_shock"], person["apache_ii"]) == (True, None)
    assert person["baseline_unknown"] == "not_asked"
    assert person["died_s"] == int(AFTER.timestamp())
    assert [(row["day"], row["status"]) for row in found["status"]] == [(7, "alive"), (28, "dead")]
    assert [(row["term"], row["criteria"]) for row in found["events"]] == [
        ("anaemia", "disability")
    ]
    assert [row["medication"] for row in found["medication"]] == ["meropenem"]
    assert [row["procedure"] for row in found["procedures"]] == ["surgery"]
    reasons = {(row["route"], row["number"]): row["reason"] for row in found["doses"]}
    assert {key for key, reason in reasons.items() if reason} == {("iv", 2)}


def test_a_days_organs_on_two_forms_are_one_score(followed: Cast) -> None:
    (row,) = rows()["days"]
    assert (row["day"], row["status"], row["sofa_lowest"], row["sofa_highest"]) == (7, None, 8, 8)


def test_what_the_other_trial_hides_is_hidden_until_the_lock(followed: Cast) -> None:
    assert [row["ferritin_ng_ml"] for row in rows()["samples"] if row["day"]] == [None]
    shown = rows(trial_locked=True)["samples"]
    assert [row["ferritin_ng_ml"] for row in shown if row["day"]] == [512]


def test_a_centre_of_the_other_trial_has_an_archive(followed: Cast, tmp_path: Path) -> None:
    write_archive(tmp_path / "jena", followed.jena, by=Site(), now=AFTER)
    page = (tmp_path / "jena" / "participants" / "01-0001.html").read_text(encoding="utf-8")
    assert "Cytometry, End of infusions" in page
    assert "512" not in page.split("</style>")[1]
