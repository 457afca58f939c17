"""Loading a sealed code into the site: once, before the first participant, checked as a whole."""

from datetime import datetime

from django.db import transaction

from immunosep.errors import RefusedError
from immunosep.randomisation.code import Purpose, SealedCode
from immunosep.randomisation.strata import strata_of
from immunosep.web.audit.actions import Actor, record
from immunosep.web.code.models import Code, Slot, Stratum
from immunosep.web.trial import site_trial


@transaction.atomic
def load_code(sealed: SealedCode, *, live: bool, by: Actor, now: datetime) -> Code:
    """Keep a code's ciphertext by stratum and position; RefusedError if it is not for this site."""
    problems = _problems(sealed, live=live)
    if problems:
        raise RefusedError("this code cannot be loaded", problems)
    document = {k: v for k, v in sealed.as_json().items() if k != "slots"}
    code = Code.objects.create(
        live=live,
        trial_id=sealed.trial,
        trial_digest=sealed.trial_digest,
        public_key=sealed.public_pem.decode("ascii"),
        commitment=sealed.commitment,
        document=document,
        loaded_at=now,
    )
    strata = {
        key: Stratum.objects.create(code=code, key=key)
        for key in dict.fromkeys(slot.stratum for slot in sealed.slots)
    }
    Slot.objects.bulk_create(
        Slot(stratum=strata[slot.stratum], position=slot.position, sealed=slot.sealed)
        for slot in sealed.slots
    )
    record(
        "code.load",
        by=by,
        now=now,
        subject="the randomisation code",
        after={
            "commitment": code.commitment,
            "digest": sealed.digest,
            "live": live,
            "slots": len(sealed.slots),
        },
    )
    return code


def _problems(sealed: SealedCode, *, live: bool) -> list[str]:
    trial = site_trial()
    wanted = Purpose.LIVE if live else Purpose.TEST
    known = set(strata_of(trial))
    unknown = sorted({slot.stratum for slot in sealed.slots} - known)
    return [
        problem
        for problem, applies in (
            ("A code is loaded already; a site keeps its first.", Code.objects.exists()),
            (f"It is for trial {sealed.trial!r}; this site runs {trial.id!r}.",
             sealed.trial != trial.id),
            (f"It is a {sealed.purpose.value} list; this site takes a {wanted.value} one.",
             sealed.purpose is not wanted),
            (f"It has lists for {', '.join(unknown)}, which the trial does not have.",
             bool(unknown)),
        )
        if applies
    ]  # fmt: skip
