"""What the machine that cleans a casebook expects of it, and the casebook that it begins with."""

from dataclasses import dataclass, field
from typing import Any

from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page
from immunosep.web.casebook.verifying import is_targeted
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of
from tests.web.casebooks import LATER, dead, started, write
from tests.web.people import Cast

SOFA, BLOOD, ENTRY, STATUS = "daily_sofa", "biomarkers", "baseline", "vital_status"
PAGES = ((SOFA, "day_1"), (SOFA, "day_2"), (BLOOD, "day_2"), (ENTRY, "day_1"), (STATUS, "day_28"))
HELD = {"to_day_9": {0, 1, 2, 3}, "casebook": {0, 1, 2, 3, 4}}
FIRST: dict[str, dict[str, Any]] = {
    SOFA: {"day_status": "present"},
    BLOOD: {"sample_drawn_at": LATER.isoformat(), "ferritin_ng_ml": 512},
    ENTRY: {"apache_ii": 21, "charlson": 4, "vasopressor_for_map_65": False},
}
ENTRIES: dict[str, list[tuple[str, Any]]] = {
    SOFA: [("gcs", 14), ("gcs", 9), ("pao2_mmhg", 80), ("fio2", 0.4), ("fio2", None)],
    BLOOD: [("ferritin_ng_ml", 512), ("ferritin_ng_ml", 9000)],
    ENTRY: [("charlson", 5), ("charlson", 4), ("lactate_mmol_l", 2.3)],
    STATUS: [("status_learned_by", "records"), ("status_learned_by", "telephone")],
}
READ = {"pao2_mmhg", "fio2"}  # by the rule that a blood gas needs its oxygen fraction


@dataclass
class Asked:
    """A question as the machine expects it."""

    pk: int
    page: int
    status: str = "open"
    by_rule: bool = False
    closed_by_person: bool = False


@dataclass
class Expected:
    """A page as the machine expects it."""

    pk: int
    form: str
    values: dict[str, Any]
    entries: int
    stage: str = "started"
    verified: bool = False
    targeted: bool = True


@dataclass
class Site:
    """One participant who died on day 2, with the five pages that are asked for, all begun."""

    cast: Cast
    patient: Patient
    pages: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the pages, each with enough to be complete."""
        dead(self.patient, self.cast)
        for form, visit in PAGES[:-1]:
            write(started(self.patient, self.cast, form, visit), self.cast, **FIRST[form])
        for form, visit in PAGES:
            page = Page.objects.get(form=form, visit=visit)
            targeted = is_targeted(find_form(form, trial_of(self.patient.centre)), self.patient.pk)
            held = {each.column: each.value for each in page.entries.all()}
            self.pages.append(Expected(pk=page.pk, form=form, values=held,
                                       entries=page.entries_made, targeted=targeted))  # fmt: skip
