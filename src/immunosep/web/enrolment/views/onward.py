"""What comes next for a patient, and who may do it: the one button of a page."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from immunosep.languages import say
from immunosep.web.accounts.access import may
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Permission
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.progress import STEPS, Stage, Standing, standing_of
from immunosep.web.enrolment.verdicts import Clock, clock_of

ACTIONS: dict[Stage, tuple[str, str, Permission, str]] = {
    Stage.SCREENING: (
        "screen", say("Go on screening"), Permission.SCREEN, say("The bedside team is screening.")
    ),
    Stage.INELIGIBLE: (
        "not_enrolled", say("Record why not enrolled"), Permission.SCREEN,
        say("The bedside team records why."),
    ),
    Stage.CONSENT: (
        "consent", say("Record consent"), Permission.RECORD_CONSENT,
        say("Consent is to be asked for."),
    ),
    Stage.LABORATORY: (
        "laboratory_result", say("Enter laboratory results"), Permission.ENTER_LABORATORY,
        say("Waiting for the laboratory."),
    ),
    Stage.READY: (
        "randomise", "Randomise", Permission.RANDOMISE, say("An investigator may randomise now."),
    ),
    Stage.RANDOMISED: (
        "doses", say("Receive and give the first dose"), Permission.GIVE_DOSES,
        say("The pharmacy prepares the first dose."),
    ),
    Stage.TREATED: (
        "doses", "Doses", Permission.GIVE_DOSES, say("Treatment has begun."),
    ),
}  # fmt: skip
"""For each stage the page to go to, its button, who may, and what others are told."""


@dataclass(frozen=True, kw_only=True)
class Next:
    """The next action: with an address for whoever may take it, otherwise in words."""

    label: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the journey: `state` is done, current or to come."""

    label: str
    state: str


def next_of(standing: Standing, user: User) -> Next | None:
    """What comes next, for this account."""
    if standing.stage not in ACTIONS:
        return None
    page, label, permission, waiting = ACTIONS[standing.stage]
    if not may(user, permission, standing.patient.centre):
        return Next(label=waiting)
    return Next(label=label, url=reverse(page, args=[standing.patient.pk]))


def url_after(patient: Patient, user: User, *, left: str, now: datetime) -> str:
    """Where to go once something was saved on page `left`: on to the next, or to the patient."""
    standing = standing_of(patient, now=now)
    ahead = next_of(standing, user)
    stays = standing.stage in (Stage.INELIGIBLE, Stage.TREATED)
    if ahead is None or not ahead.url or stays or ahead.url == reverse(left, args=[patient.pk]):
        return reverse("patient", args=[patient.pk])
    return ahead.url


def running_clock(standing: Standing, *, now: datetime) -> Clock | None:
    """The time left for the first dose, while that still matters."""
    if not standing.runs:
        return None
    return clock_of(standing.closes_at, standing.patient.centre, now=now)


def steps_of(standing: Standing) -> list[Step]:
    """The journey, with the step the patient is on."""
    labels = list(STEPS)
    current = next((at for at, label in enumerate(labels) if standing.stage in STEPS[label]), None)
    if current is None:
        current = len(labels) if standing.stage is Stage.TREATED else -1
    return [
        Step(label=label, state="done" if at < current else "current" if at == current else "")
        for at, label in enumerate(labels)
    ]
