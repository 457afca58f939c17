"""Taking a step with a page: its row held, the step kept, the audit trail told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from immunosep.languages import say
from immunosep.web.accounts.models import User
from immunosep.web.audit.actions import record
from immunosep.web.casebook.forms import find_form
from immunosep.web.casebook.models import Page, Step
from immunosep.web.enrolment.recording import REASON_LENGTH, data_is_closed
from immunosep.web.enrolment.wording import wording_problems
from immunosep.web.trial import site_trial, trial_of


def hold(page: Page) -> Page:
    """The page's row, held until the action is done, so that actions on it take turns."""
    rows = Page.objects.select_for_update(of=("self",)).select_related("patient__centre")
    return rows.get(pk=page.pk)


def is_done(page: Page) -> bool:
    """Whether nothing more is awaited: complete, or of somebody who took back their data."""
    return page.stage != Page.Stage.STARTED or data_is_closed(page.patient)


def take_step(
    page: Page,
    kind: Step.Kind,
    *,
    to: Page.Stage | None = None,
    by: User,
    role: str,
    now: datetime,
    reason: str = "",
    told: Mapping[str, Any] | None = None,
) -> Step:
    """Keep the step, move the page on where it moves, and add one event, which says `told` too."""
    before = page.stage
    if to is not None:
        page.stage = to
        page.save(update_fields=["stage"])
    step = Step.objects.create(
        page=page, kind=kind, entries=page.entries_made, at=now, by=by, reason=reason.strip()
    )
    centre = page.patient.centre
    record(
        f"casebook.{kind.value}_page", by=by, role=role, now=now, subject=f"page {page.pk}",
        centre=centre.pk, time_zone=centre.time_zone, participant=page.patient_id,
        before={"stage": before},
        after={"stage": page.stage, "entries": page.entries_made, **(told or {})},
        reason=reason.strip(),
    )  # fmt: skip
    return step


def reason_problems(reason: str, page: Page | None = None) -> list[str]:
    """What is wrong with a reason that must be given: of a page, or of more than one."""
    if not reason.strip():
        return [say("There is no reason. Say why in a few words.")]
    if len(reason.strip()) > REASON_LENGTH:
        return [
            say(
                "The reason is longer than {count} characters. Shorten it.",
                count=REASON_LENGTH,
            )
        ]
    if page is None:
        return wording_problems(reason, trial=site_trial())
    trial = trial_of(page.patient.centre)
    return wording_problems(reason, trial=trial, form=find_form(page.form, trial))
