"""Roles, as lists of permissions with a description. What nobody lists here, nobody may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing that a role may let somebody do."""

    SEE_PATIENTS = "see the patients of a centre and what was recorded of them"
    SCREEN = "add a patient and enter what the bedside knows"
    ENTER_LABORATORY = "enter laboratory results"
    RECORD_CONSENT = "record consent and its withdrawal"
    RANDOMISE = "randomise a participant"
    GIVE_DOSES = "receive preparations and record doses"
    UNBLIND = "learn a participant's treatment in an emergency"
    REVIEW_UNBLINDING = "review who was unblinded, and record accidental unblinding"
    SEE_ORDERS = "see what was ordered, prepared and handed over, without contents"
    PREPARE = "see contents, prepare doses, check a colleague's, keep the pharmacy's stock"
    MOVE_KITS = "ship, receive, quarantine and destroy numbered kits"
    SEE_SCREENING_LOG = "see the screening log and its reasons"
    SEE_AUDIT = "see the audit trail"
    MANAGE_ACCOUNTS = "make accounts, grant and revoke roles"
    REVIEW_ACCESS = "review who has access"
    MANAGE_CENTRES = "open, pause and close centres, and approve consent versions"
    MANAGE_AMENDMENTS = "propose amendments, record their approvals, and let them go live"
    OPEN_CODE = "open the code"
    ENTER_FOLLOW_UP = "enter what happens to a participant after the first dose"
    ANSWER_QUERIES = "answer questions about entries"
    RAISE_QUERIES = "ask about entries, and close what was answered"
    VERIFY = "say that entries were compared with the source"
    FREEZE = "freeze pages and unfreeze them"
    LOCK = "lock the records of a participant, of a centre, of the trial"
    SIGN = "sign records as the investigator"
    REVIEW_SAFETY = "review adverse events: expectedness, reports to authorities, follow-up"
    SEE_SAFETY = "see adverse events in all centres, without arms"
    SEE_OVERSIGHT = "see how the trial goes: enrolment, queries, visits, doses, deviations"
    REPORT_DEVIATIONS = "report a deviation from the protocol"
    REVIEW_DEVIATIONS = "judge deviations from the protocol"
    KEEP_DELEGATION = "keep the log of training and delegation"
    EXPORT_RECORDS = "write the trial's records out, with dummy arms"


class Role(StrEnum):
    """What somebody is in the trial."""

    INVESTIGATOR = "investigator"
    STUDY_NURSE = "study_nurse"
    LABORATORY = "laboratory"
    PHARMACIST = "unblinded_pharmacist"
    DEPOT = "depot"
    MONITOR = "monitor"
    DATA_MANAGER = "data_manager"
    MEDICAL_MONITOR = "medical_monitor"
    SAFETY_OFFICER = "safety_officer"
    STATISTICIAN = "unblinded_statistician"
    COMMITTEE = "committee_member"
    SPONSOR = "sponsor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a role is for, what it may do, whether it belongs to a centre, whether it is blinded."""

    about: str
    permissions: tuple[Permission, ...]
    at_centre: bool = False
    blinded: bool = True


P = Permission
ROLES: Mapping[Role, Description] = MappingProxyType(
    {
        Role.INVESTIGATOR: Description(
            about="Screens, obtains consent, randomises, treats; may unblind in an emergency.",
            permissions=(
                P.SEE_PATIENTS, P.SCREEN, P.ENTER_LABORATORY, P.RECORD_CONSENT, P.RANDOMISE,
                P.GIVE_DOSES, P.SEE_ORDERS, P.SEE_SCREENING_LOG, P.UNBLIND, P.SEE_AUDIT,
                P.ENTER_FOLLOW_UP, P.ANSWER_QUERIES, P.SIGN, P.SEE_OVERSIGHT,
                P.REPORT_DEVIATIONS, P.KEEP_DELEGATION,
            ),
            at_centre=True,
        ),
        Role.STUDY_NURSE: Description(
            about="Screens, records consent, receives preparations and gives doses.",
            permissions=(
                P.SEE_PATIENTS, P.SCREEN, P.RECORD_CONSENT, P.GIVE_DOSES, P.SEE_ORDERS,
                P.SEE_SCREENING_LOG, P.ENTER_FOLLOW_UP, P.ANSWER_QUERIES, P.SEE_OVERSIGHT,
                P.REPORT_DEVIATIONS,
            ),
            at_centre=True,
        ),
        Role.LABORATORY: Description(
            about="Enters ferritin, HLA-DR and other results of the centre's patients.",
            permissions=(
                P.ENTER_LABORATORY, P.ANSWER_QUERIES,
            ),
            at_centre=True,
        ),
        Role.PHARMACIST: Description(
            about="Prepares the blinded doses and knows what is in them. Sees no patient's course.",
            permissions=(P.PREPARE, P.SEE_ORDERS),
            at_centre=True,
            blinded=False,
        ),
        Role.DEPOT: Description(
            about="Ships numbered kits to centres and answers for their storage.",
            permissions=(P.MOVE_KITS,),
        ),
        Role.MONITOR: Description(
            about="Visits centres: reads their records and the audit trail.",
            permissions=(
                P.SEE_PATIENTS, P.SEE_SCREENING_LOG, P.SEE_ORDERS, P.SEE_AUDIT, P.RAISE_QUERIES,
                P.VERIFY, P.FREEZE, P.SEE_OVERSIGHT, P.REPORT_DEVIATIONS,
            ),
        ),
        Role.DATA_MANAGER: Description(
            about="Keeps the data complete and consistent, in all centres.",
            permissions=(
                P.SEE_PATIENTS, P.SEE_SCREENING_LOG, P.SEE_AUDIT, P.RAISE_QUERIES, P.FREEZE,
                P.LOCK, P.MANAGE_AMENDMENTS, P.SEE_OVERSIGHT,
                P.EXPORT_RECORDS,
            ),
        ),
        Role.MEDICAL_MONITOR: Description(
            about="The sponsor's physician: reads records, reviews unblinding afterwards.",
            permissions=(
                P.SEE_PATIENTS, P.SEE_SCREENING_LOG, P.REVIEW_UNBLINDING, P.SEE_AUDIT,
                P.RAISE_QUERIES, P.REVIEW_SAFETY, P.SEE_SAFETY, P.SEE_OVERSIGHT,
                P.REVIEW_DEVIATIONS,
            ),
        ),
        Role.SAFETY_OFFICER: Description(
            about="Answers for safety reports; reviews unblinding.",
            permissions=(
                P.SEE_PATIENTS, P.REVIEW_UNBLINDING, P.RAISE_QUERIES, P.REVIEW_SAFETY,
                P.SEE_SAFETY,
            ),
        ),
        Role.STATISTICIAN: Description(
            about="Opens the code for the closed reports, outside this site.",
            permissions=(P.OPEN_CODE,),
            blinded=False,
        ),
        Role.COMMITTEE: Description(
            about="Sits on the monitoring committee; sees counts without arms here.",
            permissions=(
                P.SEE_SCREENING_LOG, P.SEE_SAFETY, P.SEE_OVERSIGHT,
            ),
        ),
        Role.SPONSOR: Description(
            about="Follows enrolment. Can change no centre's records (ICH E6(R3) 3.16.1).",
            permissions=(
                P.SEE_SCREENING_LOG, P.SEE_OVERSIGHT,
            ),
        ),
        Role.ADMINISTRATOR: Description(
            about="Makes accounts, grants roles, opens centres. Sees no patient.",
            permissions=(
                P.MANAGE_ACCOUNTS, P.REVIEW_ACCESS, P.MANAGE_CENTRES, P.MANAGE_AMENDMENTS,
                P.SEE_AUDIT,
            ),
        ),
    }
)  # fmt: skip
