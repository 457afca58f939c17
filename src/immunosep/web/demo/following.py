"""What the nurse and the laboratory write of a participant from the first dose to day 90."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from immunosep.web.casebook.completing import complete_page, miss_visit
from immunosep.web.casebook.forms import asked_pages
from immunosep.web.casebook.models import Page, PageEntry
from immunosep.web.casebook.recording import record_page, write_page
from immunosep.web.demo.chart import LAST_DAY, Chart
from immunosep.web.demo.playing import Step
from immunosep.web.demo.sofa_values import values_for
from immunosep.web.followup.carrying import carry_over
from immunosep.web.trial import trial_of

SOFA, SAMPLE, INFECTION = "daily_sofa", "biomarkers", "infection_outcome"
TREATMENT_END, VITAL = "treatment_end", "vital_status"
DEAD, DISCHARGED = "dead", "discharged"
END_DAY = 15  # of treatment: what is judged or copied then
CONTACTS = (28, LAST_DAY)
FORGETS = 0.012  # of days with a blood gas, its oxygen is not written at first: a rule asks
CLASSES = {
    "antibiotic": "antimicrobial",
    "corticosteroid": "corticosteroid",
    "vasopressor": "vasopressor",
}
PROCEDURES = {"kidney replacement": "renal_replacement"}
BECAUSE = {"adverse event": "adverse_event"}
CAUSES = ("sepsis", "sepsis", "sepsis", "respiratory", "cardiovascular", "malignancy", "other")
ORGANISMS = ("Acinetobacter baumannii", "Candida albicans", "Klebsiella pneumoniae",
             "Enterococcus faecium")  # fmt: skip
NO_REASONS = ("The participant was in the operating theatre.", "No chart could be found.")
NO_SAMPLE = ("No sample was sent.", "The sample was clotted.", "No courier came that day.")


def follow_up(chart: Chart) -> Iterator[Step]:
    """Every step, in no order."""
    yield from _daily(chart)
    yield from _samples(chart)
    yield from _end_of_treatment(chart)
    yield from _contacts(chart)
    yield from _logs(chart)


def write(
    chart: Chart, form: str, answers: Mapping[str, Any], now: datetime, *, visit: str = ""
) -> Page:
    """A page as the nurse writes and completes it."""
    nurse = chart.staff.nurse
    page = write_page(chart.number, form, answers, visit=visit, by=nurse, now=now).page
    complete_page(page, by=nurse, now=now)
    return page


def last_entry(page: Page) -> int:
    """What a page that is opened now shows."""
    return PageEntry.objects.filter(page=page).latest("id").pk


# ── Day by day ──────────────────────────────────────────────────────────────────────────────────


def _daily(chart: Chart) -> Iterator[Step]:
    """A page a day; death and discharge on their day, and then carried over to the others."""
    for row in chart.drawn["days"]:
        day, status = row["day"], row["status"]
        if status == DEAD and day != chart.death_day:
            continue
        if status == DISCHARGED and day != chart.left_day:
            continue
        at = chart.written(day)
        if status == "present":
            yield from _present(chart, row, at)
        elif status == DEAD:
            yield chart.on(day, time(23, 55)), partial(_plain_day, chart, day, {"day_status": DEAD})
        else:
            answers = {"day_status": status}
            if status == "not_assessed":
                answers["not_assessed_reason"] = chart.draw.choice(NO_REASONS)
            yield at, partial(_plain_day, chart, day, answers)
    if chart.left_day is not None and chart.left_day < END_DAY:
        at = chart.on(END_DAY, time(22)) + timedelta(days=5)
        yield at, lambda now: carry_over(chart.number, DISCHARGED, by=chart.staff.nurse, now=now)


def _present(chart: Chart, row: Mapping[str, Any], at: datetime) -> Iterator[Step]:
    answers = {"day_status": "present", **values_for(row, chart.draw)}
    forgotten = {}
    if "fio2" in answers and chart.draw.random() < FORGETS:
        forgotten["fio2"] = answers.pop("fio2")
    pages: list[Page] = []
    yield at, lambda now: pages.append(_plain_day(chart, row["day"], answers, now))
    if forgotten:
        later = at + timedelta(days=chart.draw.uniform(0.6, 9))
        yield later, lambda now: _complete_later(chart, pages[0], forgotten, now)


def _plain_day(chart: Chart, day: int, answers: Mapping[str, Any], now: datetime) -> Page:
    return write(chart, SOFA, answers, now, visit=_visit(day))


def _complete_later(chart: Chart, page: Page, answers: Mapping[str, Any], now: datetime) -> None:
    record_page(page, answers, seen=last_entry(page), by=chart.staff.nurse, now=now,
                reason="Left out; it is in the chart.")  # fmt: skip
    complete_page(page, by=chart.staff.nurse, now=now)


def _samples(chart: Chart) -> Iterator[Step]:
    """The laboratory's page of each planned day, or that no sample came."""
    results = {row["day"]: row for row in chart.drawn["samples"]}
    for visit, form in asked_pages(trial_of(chart.staff.centre)):
        if form.id != SAMPLE or (chart.death_day and visit.day >= chart.death_day):
            continue
        at = chart.on(visit.day, time(15)) + timedelta(minutes=chart.draw.randint(0, 120))
        if visit.day in results:
            yield at, partial(_sample, chart, visit.id, visit.day, results[visit.day])
        else:
            why = chart.draw.choice(NO_SAMPLE)
            yield at + timedelta(days=visit.days_after), partial(_no_sample, chart, visit.id, why)


def _sample(chart: Chart, visit: str, day: int, row: Mapping[str, Any], now: datetime) -> None:
    laboratory = chart.staff.laboratory
    answers = {
        "sample_drawn_at": chart.on(day, time(8)).isoformat(),
        "ferritin_ng_ml": round(row["ferritin_ng_ml"]),
        "hla_dr_per_monocyte": round(row["hla_dr_per_monocyte"]),
    }
    page = write_page(chart.number, SAMPLE, answers, visit=visit, by=laboratory, now=now).page
    complete_page(page, by=laboratory, now=now)


def _no_sample(chart: Chart, visit: str, why: str, now: datetime) -> None:
    miss_visit(chart.number, visit, forms=(SAMPLE,), reason=why, by=chart.staff.laboratory, now=now)


# ── The end of treatment, the contacts ──────────────────────────────────────────────────────────


def _end_of_treatment(chart: Chart) -> Iterator[Step]:
    """That it ended, on day 15 or once it did; the infection's outcome on day 15, or at death."""
    judged = chart.written(END_DAY)
    ended = judged if chart.drawn["completed"] else chart.treatment_ends + timedelta(hours=6)
    if chart.died and chart.died < judged:
        judged = chart.died + timedelta(hours=6)
        ended = min(ended, judged)
    yield ended, partial(_treatment_end, chart)
    yield max(judged, ended) + timedelta(minutes=10), partial(_infection, chart)


def _treatment_end(chart: Chart, now: datetime) -> None:
    answers: dict[str, Any] = {"treatment_completed": chart.drawn["completed"]}
    if not chart.drawn["completed"]:
        why = str(chart.drawn["ended_because"])
        answers["treatment_ended_because"] = BECAUSE.get(why, why)
        answers["treatment_ended_at"] = chart.treatment_ends.isoformat()
    write(chart, TREATMENT_END, answers, now, visit=_visit(END_DAY))


def _infection(chart: Chart, now: datetime) -> None:
    answers: dict[str, Any] = {"infection_outcome": chart.drawn["infection_outcome"]}
    if not (chart.died and chart.died < now):
        answers["infection_judged_at"] = chart.on(END_DAY, time(10)).isoformat()
    if answers["infection_outcome"] == "superinfection":
        answers["superinfection_organism"] = chart.draw.choice(ORGANISMS)
    write(chart, INFECTION, answers, now, visit=_visit(END_DAY))


def _contacts(chart: Chart) -> Iterator[Step]:
    """Vital status: of whom lives, at each contact; of whom died, once, and carried over."""
    for day in CONTACTS:
        if chart.died and chart.death_day is not None and chart.death_day <= day:
            at = chart.died + timedelta(hours=3)
            at = max(at, chart.on(chart.death_day, time(23, 58)))
            yield at, partial(_dead, chart, day, chart.draw.choice(CAUSES))
            return
        yield chart.written(day), partial(_alive, chart, day)


def _dead(chart: Chart, day: int, cause: str, now: datetime) -> None:
    assert chart.died is not None
    in_hospital = chart.left is None or chart.left > chart.died
    answers = {
        "vital_status": DEAD,
        "status_learned_by": "in_hospital" if in_hospital else "telephone",
        "died_at": chart.died.isoformat(),
        "cause_of_death": cause,
    }
    write(chart, VITAL, answers, now, visit=_visit(day))
    if day < LAST_DAY:
        carry_over(chart.number, DEAD, by=chart.staff.nurse, now=now)


def _alive(chart: Chart, day: int, now: datetime) -> None:
    home = chart.left is not None and chart.left <= now
    answers = {
        "vital_status": "alive",
        "status_learned_by": "telephone" if home else "in_hospital",
        "last_seen_alive_at": min(chart.on(day, time(12)), now).isoformat(),
    }
    if chart.left is not None and home:
        answers["left_hospital_at"] = chart.left.isoformat()
    write(chart, VITAL, answers, now, visit=_visit(day))


# ── Logs ────────────────────────────────────────────────────────────────────────────────────────


def _logs(chart: Chart) -> Iterator[Step]:
    """Medicines and procedures, each when it has ended."""
    for row in chart.drawn["medication"]:
        began, ended = chart.at(row["began"]), chart.alive_until(chart.at(row["ended"]))
        answers = {
            "medication": row["medicine"],
            "medication_class": CLASSES[row["kind"]],
            "medication_from": began.isoformat(),
            "medication_until": ended.isoformat(),
        }
        yield _copied(chart, ended), partial(write, chart, "medication", answers)
    for row in chart.drawn["procedures"]:
        began, ended = chart.at(row["began"]), chart.alive_until(chart.at(row["ended"]))
        answers = {
            "procedure": PROCEDURES[row["procedure"]],
            "procedure_from": min(began, ended).isoformat(),
            "procedure_until": ended.isoformat(),
        }
        yield _copied(chart, ended), partial(write, chart, "procedure", answers)


def _copied(chart: Chart, moment: datetime) -> datetime:
    return max(moment, chart.first) + timedelta(hours=chart.draw.uniform(2, 40))


def _visit(day: int) -> str:
    return f"day_{day}"
