"""Pages of a casebook in each state, made through the site's own actions."""

from datetime import datetime, timedelta
from typing import Any

from immunosep.protocol.check_blocks import WHOLE
from immunosep.protocol.forms import FilledBy
from immunosep.web.casebook import forms
from immunosep.web.casebook.blocks import find_block
from immunosep.web.casebook.completing import complete_page
from immunosep.web.casebook.freezing import freeze
from immunosep.web.casebook.models import Page, PageEntry, Signature
from immunosep.web.casebook.recording import Written, open_page, record_page
from immunosep.web.casebook.signing import shown_content, sign
from immunosep.web.casebook.verifying import verify
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of
from tests.web.people import NOW, Cast

LATER = NOW + timedelta(days=95)  # every visit has been
PRESENT: dict[str, Any] = {"day_status": "present", "gcs": 14, "map_mmhg": 65}
ANSWERS: dict[str, dict[str, Any]] = {
    "baseline": {"apache_ii": 21, "charlson": 4, "vasopressor_for_map_65": True,
                 "lactate_mmol_l": 3.4},
    "daily_sofa": PRESENT,
    "biomarkers": {"sample_drawn_at": NOW.isoformat(), "ferritin_ng_ml": 512},
    "infection_outcome": {"infection_outcome": "resolution"},
    "treatment_end": {"treatment_completed": True},
    "vital_status": {"vital_status": "alive"},
    "medication": {"medication": "meropenem", "medication_from": NOW.isoformat()},
}  # fmt: skip


def last(page: Page) -> int:
    """The last entry, which a page that is sent was made from."""
    entry = PageEntry.objects.filter(page=page).order_by("-id").first()
    return entry.pk if entry else 0


def write(
    page: Page, cast: Cast, *, reason: str = "", now: datetime = LATER, **answers: Any
) -> Written:
    """What the nurse, or the laboratory, writes over what stands."""
    form = forms.find_form(page.form, trial_of(page.patient.centre))
    by = cast.laboratory if form.filled_by is FilledBy.LABORATORY else cast.nurse
    return record_page(page, answers, seen=last(page), by=by, now=now, reason=reason)


def started(patient: Patient, cast: Cast, form: str = "daily_sofa", visit: str = "day_2") -> Page:
    """A page that is open and empty."""
    asked = forms.find_form(form, trial_of(patient.centre))
    laboratory = asked.filled_by is FilledBy.LABORATORY
    by = cast.laboratory if laboratory else cast.nurse
    return open_page(patient.pk, form, visit=visit, by=by, now=LATER)


def complete(patient: Patient, cast: Cast, form: str = "daily_sofa", visit: str = "day_2") -> Page:
    """A page that is filled in and complete."""
    page = started(patient, cast, form, visit)
    write(page, cast, **ANSWERS[form])
    asked = forms.find_form(form, trial_of(patient.centre))
    laboratory = asked.filled_by is FilledBy.LABORATORY
    complete_page(page, by=cast.laboratory if laboratory else cast.nurse, now=LATER)
    page.refresh_from_db()
    return page


def frozen(patient: Patient, cast: Cast, form: str = "daily_sofa", visit: str = "day_2") -> Page:
    """A page that is verified and frozen."""
    page = complete(patient, cast, form, visit)
    verify(page, seen=page.entries_made, by=cast.monitor, now=LATER)
    freeze(page, by=cast.monitor, now=LATER)
    page.refresh_from_db()
    return page


def all_frozen(patient: Patient, cast: Cast) -> list[Page]:
    """Every page that the schedule asks for, verified and frozen."""
    asked = forms.asked_pages(trial_of(patient.centre))
    return [frozen(patient, cast, form.id, visit.id) for visit, form in asked]


def signed(patient: Patient, cast: Cast, block: str = WHOLE, now: datetime = LATER) -> Signature:
    """The consultant's name under what a block says now."""
    pages = list(Page.objects.filter(patient=patient).select_related("patient__centre"))
    shown = shown_content(find_block(block, trial_of(patient.centre)), pages)
    return sign(patient, block, meaning="endorsed", shown=shown, by=cast.consultant, now=now)


def clean(patient: Patient, cast: Cast) -> list[Page]:
    """A casebook against which nothing stands: frozen, verified, signed."""
    pages = all_frozen(patient, cast)
    signed(patient, cast)
    return pages


def dead(patient: Patient, cast: Cast) -> None:
    """Died on day 2, so that two days and nothing after are asked for."""
    page = started(patient, cast, "vital_status", "day_28")
    write(page, cast, vital_status="dead", died_at=(NOW + timedelta(days=1)).isoformat())


def early_death(patient: Patient, cast: Cast) -> list[Page]:
    """A casebook of few pages against which nothing stands."""
    dead(patient, cast)
    status = Page.objects.get(form="vital_status")
    complete_page(status, by=cast.nurse, now=LATER)
    status.refresh_from_db()
    verify(status, seen=status.entries_made, by=cast.monitor, now=LATER)
    freeze(status, by=cast.monitor, now=LATER)
    frozen(patient, cast, "baseline", "day_1")
    for visit in ("day_1", "day_2"):
        frozen(patient, cast, visit=visit)
    frozen(patient, cast, "biomarkers", "day_2")
    signed(patient, cast)
    return list(Page.objects.filter(patient=patient))
