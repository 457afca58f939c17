"""What stands against locking: every reason at once, each with the address where it is mended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from immunosep.protocol.check_blocks import WHOLE
from immunosep.web.casebook.content import page_digests
from immunosep.web.casebook.due import lacking_pages
from immunosep.web.casebook.forms import find_form, find_visit
from immunosep.web.casebook.models import Page, Query
from immunosep.web.casebook.signatures import Signed, signatures_of, standing
from immunosep.web.casebook.verifying import is_targeted
from immunosep.web.centres.models import Centre, Status
from immunosep.web.enrolment.models import Patient
from immunosep.web.trial import trial_of

SITE = "immunosep.web.urls"
CLOSED = (Page.Stage.FROZEN, Page.Stage.LOCKED)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One reason not to lock: of whom, what it is, where to go."""

    participant: str
    says: str
    route: str
    of: str | int

    @property
    def url(self) -> str:
        """Where it is mended, in a site process."""
        return reverse(self.route, args=[self.of], urlconf=SITE)

    @property
    def sentence(self) -> str:
        """As an action refuses."""
        return f"{self.participant}: {self.says}"


def obstacles_of(patients: Sequence[Patient]) -> list[Obstacle]:
    """Every reason not to lock these participants; as many questions for one as for all."""
    pages = list(Page.objects.filter(patient__in=patients).select_related("patient__centre"))
    unsettled = unsettled_queries(pages)
    lacking = lacking_pages(patients, pages)
    digests = page_digests(pages)
    signed = signatures_of(patients, pages, digests=digests)
    of: dict[str, list[Page]] = {patient.pk: [] for patient in patients}
    for page in pages:
        of[page.patient_id].append(page)
    found: list[Obstacle] = []
    for patient in patients:
        for each in lacking[patient.pk]:
            says = f"{each.form.label}, {each.visit.label}: not begun."
            found.append(_of(patient, says))
        for page in of[patient.pk]:
            found += page_obstacles(page, unsettled.get(page.pk, []))
        if of[patient.pk] and WHOLE not in standing(signed[patient.pk]):
            found.append(_unsigned(patient, signed[patient.pk], WHOLE, "The whole casebook"))
    return found


def obstacles_of_page(page: Page) -> list[Obstacle]:
    """Every reason not to lock one page; a signature under its block is enough."""
    pages = list(Page.objects.filter(patient=page.patient_id).select_related("patient__centre"))
    signed = signatures_of([page.patient], pages)[page.patient_id]
    found = page_obstacles(page, unsettled_queries([page]).get(page.pk, []))
    if not any(each.block.holds(page.visit) for each in standing(signed).values()):
        found.append(_unsigned(page.patient, signed, "", name_of(page)))
    return found


def page_obstacles(page: Page, unsettled: Iterable[Query]) -> list[Obstacle]:
    """What of a page itself stands against locking it."""
    name, number = name_of(page), page.patient_id
    form = find_form(page.form, trial_of(page.patient.centre))
    found = [
        Obstacle(participant=number, says=f"{name}: {says}", route="clean_page", of=page.pk)
        for says, applies in (
            (f"{page.get_stage_display().lower()}, not frozen.", page.stage not in CLOSED),
            ("not verified, as the plan asks.",
             not page.verified and is_targeted(form, page.patient_id)),
        )
        if applies
    ]  # fmt: skip
    for query in unsettled:
        says = f"{name}: a question is {query.get_status_display().lower()}, not closed."
        found.append(Obstacle(participant=number, says=says, route="query", of=query.pk))
    return found


def centre_obstacles(centre: Centre) -> list[Obstacle]:
    """What of a centre itself stands against locking it."""
    if centre.status != Status.OPEN:
        return []
    says = "it is open, so that participants may still join. Pause or close it."
    return [Obstacle(participant=str(centre), says=says, route="clean_centre", of=centre.pk)]


def unsettled_queries(pages: Sequence[Page]) -> dict[int, list[Query]]:
    """The questions not yet closed, by page."""
    found: dict[int, list[Query]] = {}
    rows = Query.objects.filter(page__in=[page.pk for page in pages])
    for query in rows.exclude(status=Query.Status.CLOSED):
        found.setdefault(query.page_id, []).append(query)
    return found


def name_of(page: Page) -> str:
    """A page as people call it: its form, and its visit or number."""
    trial = trial_of(page.patient.centre)
    form = find_form(page.form, trial)
    if not page.visit:
        return f"{form.label} {page.number}"
    extra = f" ({page.number})" if page.number > 1 else ""
    return f"{form.label}, {find_visit(page.visit, trial).label}{extra}"


def _of(patient: Patient, says: str) -> Obstacle:
    return Obstacle(participant=patient.pk, says=says, route="clean_participant", of=patient.pk)


def _unsigned(patient: Patient, signed: Sequence[Signed], block: str, what: str) -> Obstacle:
    void = any(each.block.id == block or not block for each in signed)
    says = f"{what}: {'the signature is void' if void else 'not signed by the investigator'}."
    return _of(patient, says)
