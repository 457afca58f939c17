"""The same cast in every test of the website, and a site for them: two centres, one code.

A consultant and a research nurse in Jena, a pharmacist and a laboratory there, a consultant in
Athens who must not see Jena, a monitor of both, an administrator, and a stranger without a role.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from immunosep.randomisation.code import (
    KeyPair,
    Purpose,
    SealedCode,
    make_keys,
    seal_sequence,
)
from immunosep.randomisation.random_stream import streams_of
from immunosep.randomisation.sequence import draw_sequence, specify
from immunosep.randomisation.strata import plan_of, strata_of
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.actions import create_account, grant
from immunosep.web.accounts.models import User
from immunosep.web.accounts.roles import Role
from immunosep.web.audit.actions import Actor, Site
from immunosep.web.centres.actions import record_approval, set_status, take_centres
from immunosep.web.centres.models import Centre, Status
from immunosep.web.code.loading import load_code
from immunosep.web.code.models import Code
from immunosep.web.enrolment.models import ConsentVersion

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JENA, ATHENS = "01_jena", "02_attikon"
PASSWORD = "nine green bottles standing"
SEED = b"a seed for tests"
SLOTS = 40


@cache
def keys() -> KeyPair:
    """The key pair of every test site."""
    return make_keys()


@cache
def sealed_code(seed: bytes = SEED) -> SealedCode:
    """A test list for the two centres' strata and all others of the trial."""
    specification = specify(
        plan_of(IMMUNOSEP), strata=strata_of(IMMUNOSEP), slots_per_stratum=SLOTS
    )
    return seal_sequence(
        draw_sequence(specification, draw_for=streams_of(seed)),
        specification=specification,
        public_pem=keys().public_pem,
        nonce=sha256(seed).digest(),
        trial=IMMUNOSEP.id,
        trial_version=IMMUNOSEP.version,
        trial_digest=IMMUNOSEP.digest,
        purpose=Purpose.TEST,
    )


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who is who."""

    jena: Centre
    athens: Centre
    code: Code
    consultant: User
    nurse: User
    laboratory: User
    pharmacist: User
    second_pharmacist: User
    foreign_consultant: User
    monitor: User
    medical_monitor: User
    data_manager: User
    safety_officer: User
    sponsor: User
    committee_member: User
    administrator: User
    stranger: User


def open_centre(centre: Centre, *, by: Actor, now: datetime) -> None:
    """Approved a month ago, open from now."""
    approved_on = (now - timedelta(30)).date()
    record_approval(
        centre, given_by="Ethics committee", reference="2021/1", approved_on=approved_on,
        by=by, now=now,
    )  # fmt: skip
    set_status(centre, Status.OPEN, by=by, now=now)


def make_site(code: SealedCode | None = None, *, now: datetime = NOW) -> Cast:
    """The site as it is before its first patient, made through the site's own actions."""
    site = Site()
    take_centres(IMMUNOSEP, by=site, now=now)
    jena, athens = Centre.objects.get(pk=JENA), Centre.objects.get(pk=ATHENS)
    for centre in (jena, athens):
        open_centre(centre, by=site, now=now)
        ConsentVersion.objects.create(
            centre=centre, version="1.0", language="en", approved_on=(now - timedelta(30)).date()
        )
    loaded = load_code(code or sealed_code(), live=False, by=site, now=now)

    def person(name: str, *roles: tuple[Role, Centre | None]) -> User:
        address = f"{name.lower().replace(' ', '.')}@example.org"
        account = create_account(address, name=name, password=PASSWORD, by=site, now=now)
        for role, centre in roles:
            grant(account, role, centre=centre, by=site, now=now)
        return User.objects.get(pk=account.pk)

    return Cast(
        jena=Centre.objects.get(pk=JENA),
        athens=Centre.objects.get(pk=ATHENS),
        code=loaded,
        consultant=person("Clara Consultant", (Role.INVESTIGATOR, jena)),
        nurse=person("Nora Nurse", (Role.STUDY_NURSE, jena)),
        laboratory=person("Lena Laboratory", (Role.LABORATORY, jena)),
        pharmacist=person("Paul Pharmacist", (Role.PHARMACIST, jena)),
        second_pharmacist=person("Petra Pharmacist", (Role.PHARMACIST, jena)),
        foreign_consultant=person("Costas Consultant", (Role.INVESTIGATOR, athens)),
        monitor=person("Mona Monitor", (Role.MONITOR, None)),
        medical_monitor=person("Max Medical", (Role.MEDICAL_MONITOR, None)),
        data_manager=person("Dora Data", (Role.DATA_MANAGER, None)),
        safety_officer=person("Sven Safety", (Role.SAFETY_OFFICER, None)),
        sponsor=person("Sofia Sponsor", (Role.SPONSOR, None)),
        committee_member=person("Carl Committee", (Role.COMMITTEE, None)),
        administrator=person("Ada Administrator", (Role.ADMINISTRATOR, None)),
        stranger=person("Stan Stranger"),
    )


ELIGIBLE: dict[str, Any] = {
    "age_years": 64,
    "sex": "male",
    "weight_kg": 80,
    "setting": "emergency_department",
    "infection": "community_acquired_pneumonia",
    "covid_19": False,
    "sofa": 8,
    "sepsis_onset_at": (NOW - timedelta(hours=20)).isoformat(),
    "ferritin_ng_ml": 800,
    "hla_dr_per_monocyte": 3000,
    "neutrophils_per_mm3": 9000,
    "blood_culture_contaminant": False,
    "stage_iv_malignancy": False,
    "do_not_resuscitate": False,
    "active_tuberculosis_treatment": False,
    "hiv": False,
    "primary_immunodeficiency": False,
    "prednisone_equivalent_mg_kg_day": 0,
    "anti_cytokine_last_month": False,
    "systemic_lupus": False,
    "demyelinating_disease": False,
}
"""A man who fulfils every criterion, with immunoparalysis, 20 hours after Sepsis-3."""
