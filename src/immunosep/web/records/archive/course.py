"""What happened to a participant beside the casebook's pages, and to the records as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from immunosep.web.administration.audit_views import rows_of
from immunosep.web.audit.models import Event
from immunosep.web.casebook.models import Lock, Page
from immunosep.web.casebook.signatures import signatures_of
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.models import Dose, Patient
from immunosep.web.oversight.models import Judgement
from immunosep.web.records.archive.sheets import BLOCK, Row, Sheet
from immunosep.web.safety.cases import Case, cases_of, follow_ups_of
from immunosep.web.supply.words import ROUTES
from immunosep.web.unblinding.models import Unblinding

PLANNED = ("route", "dose", "due_at", "given_at", "container", "recorded_at", "recorded_by",
           "reason")  # fmt: skip
TRAIL = ("number", "at", "by", "role", "action", "subject", "before", "after", "reason")
UNSAID = "recorded, not shown"  # as on the page of the audit trail, which says why


def course_of(
    patient: Patient, pages: Sequence[Page], planned: Iterable[Mapping[str, Any]]
) -> Iterator[Sheet]:
    """Each of them; `pages` are all of the participant's, `planned` the rows of `tables/doses`."""
    of = (("participant", patient.pk),)
    sheets: tuple[tuple[str, str, tuple[str, ...], Iterable[Row]], ...] = (
        ("doses", "Doses", PLANNED, _doses(patient, planned)),
        ("serious_events", "Serious events: reports, judgements, follow-up",
         ("event", "term", "what", "at", "by", "text"), _serious(pages)),
        ("deviations", "Deviations from the protocol",
         ("deviation", "kind", "what", "happened_at", "recorded_at", "found_by"),
         _deviations(patient)),
        ("judgements", "What was judged of the deviations",
         ("deviation", "judged", "reason", "at", "by"), _judgements(patient)),
        ("unblinding", "Whose treatment was learnt, by whom",
         ("who", "how", "learnt_at", "reason", "recorded_at", "recorded_by", "review"),
         _unblindings(patient)),
        ("signatures", "Signatures",
         (BLOCK, "under", "meaning", "name", "signed_at", "holds"), _signatures(patient, pages)),
        ("locks", "Locks", ("of", "what", "at", "by", "reason"), _locks(patient)),
        ("trail", "Audit trail", TRAIL, _trail(patient)),
    )  # fmt: skip
    for id_, label, columns, rows in sheets:
        yield Sheet(
            centre=patient.centre, id=id_, label=label, columns=columns, rows=tuple(rows), of=of
        )


def _doses(patient: Patient, planned: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Every planned dose beside the one that was given, then those that no plan asks for."""
    allocation = getattr(patient, "allocation", None)
    doses = allocation.doses.select_related("preparation", "recorded_by") if allocation else ()
    given = {(each.preparation.route, each.preparation.dose): each for each in doses}
    for row in planned:
        key = (row["route"], row["number"])
        yield (*_planned(key, row["due_s"]), *_given(given.pop(key, None)), row["reason"])
    for key in sorted(given):
        yield (*_planned(key, None), *_given(given[key]), None)


def _planned(key: tuple[str, int], due_s: int | None) -> Row:
    route, number = key
    return ROUTES[route], number, None if due_s is None else datetime.fromtimestamp(due_s, UTC)


def _given(dose: Dose | None) -> Row:
    if dose is None:
        return None, None, None, None
    return dose.given_at, dose.preparation.number, dose.recorded_at, dose.recorded_by.name


def _serious(pages: Iterable[Page]) -> Iterator[Row]:
    """Of every event that was reported or coded: who said what, as it was said."""
    held = Page.objects.filter(pk__in=[page.pk for page in pages]).prefetch_related("codings__by")
    for case in cases_of(held):
        lines = [*_reported(case), *_coded(case)]
        yield from sorted(
            ((case.page.number, case.term, *line) for line in lines), key=lambda row: row[3]
        )


def _reported(case: Case) -> Iterator[Row]:
    report = case.report
    if report is None:
        return
    yield "reported to the sponsor", report.reported_at, report.by.name, ""
    yield "known to the investigator", report.aware_at, report.by.name, ""
    for each in case.assessments:
        judged = [each.get_relatedness_display().lower(),
                  "unexpected" if each.unexpected else "expected",
                  "SUSAR" if each.susar else "no SUSAR"]  # fmt: skip
        judged += ["fatal or life-threatening"] if each.fatal else []
        text = "; ".join(judged) + (f". {each.comment}" if each.comment else "")
        yield "judged by the sponsor", each.at, each.by.name, text
    for sent in case.submissions:
        text = f"{sent.get_to_display()}, {sent.get_kind_display().lower()}: {sent.reference}"
        yield "sent", sent.sent_at, sent.by.name, text
    for more in follow_ups_of(case):
        yield "follow-up", more.at, more.by.name, more.text


def _coded(case: Case) -> Iterator[Row]:
    for each in case.page.codings.all():
        text = f"{each.term}: {each.preferred_term} ({each.organ_class}), {each.version}"
        yield "coded", each.at, each.by.name, text


def _deviations(patient: Patient) -> Iterator[Row]:
    for each in patient.deviations.select_related("recorded_by"):
        by = each.recorded_by.name if each.recorded_by else "a rule"
        yield each.pk, each.get_kind_display(), each.what, each.happened_at, each.recorded_at, by


def _judgements(patient: Patient) -> Iterator[Row]:
    held = Judgement.objects.filter(deviation__patient=patient).select_related("by")
    for each in held.order_by("deviation", "id"):
        yield each.deviation_id, each.get_verdict_display(), each.reason, each.at, each.by.name


def _unblindings(patient: Patient) -> Iterator[Row]:
    held = Unblinding.objects.filter(allocation__patient=patient)
    for each in held.select_related("who", "recorded_by", "review"):
        review = each.review.assessment if hasattr(each, "review") else ""
        yield (
            each.who.name, each.get_kind_display(), each.at, each.reason, each.recorded_at,
            each.recorded_by.name, review,
        )  # fmt: skip


def _signatures(patient: Patient, pages: Sequence[Page]) -> Iterator[Row]:
    for each in reversed(signatures_of([patient], pages)[patient.pk]):
        under, signature = each.block, each.signature
        yield (
            under.id, under.label, signature.meaning, signature.name, signature.at, each.is_valid,
        )  # fmt: skip


def _locks(patient: Patient) -> Iterator[Row]:
    """Those of the participant, of the centre and of the trial: each holds these records."""
    held = Lock.objects.filter(patient=patient) | Lock.objects.filter(centre=patient.centre_id)
    held |= Lock.objects.filter(scope=Lock.Scope.TRIAL)
    for each in held.select_related("by").order_by("id"):
        what = "locked" if each.locked else "opened"
        yield each.get_scope_display(), what, each.at, each.by.name, each.reason


def _trail(patient: Patient) -> Iterator[Row]:
    """Every event of the participant, as the page of the audit trail shows it."""
    events = Event.objects.filter(participant=patient.pk).order_by("sequence")
    centres: dict[str, Centre] = {patient.centre_id: patient.centre}
    for row in rows_of(events, centres):
        event = row.event
        before = {name: value for name, value in (event.before or {}).items() if value is not None}
        words = (_words(before), _words(event.after), event.reason)
        yield (
            event.sequence, event.at, event.by_name, event.role, event.action, event.subject,
            *(words if row.open else ("", "", UNSAID)),
        )  # fmt: skip


def _words(said: Mapping[str, Any] | None) -> str:
    told = {name: "nothing" if value is None else value for name, value in (said or {}).items()}
    return "; ".join(f"{name}: {value}" for name, value in told.items())
