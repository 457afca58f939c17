"""A random walk through the life of two centres: each row carries the version live there then.

Patients are added, screened, randomised; three versions go live and back, at one centre or at
both, in any order. What is expected is kept beside the site, and asked after every step; at the end
the audit trail is replayed alone.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from immunosep.errors import RefusedError
from immunosep.protocol.consent import ConsentBy
from immunosep.protocol.forms import FilledBy
from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.accounts.models import User
from immunosep.web.amendments.models import Activation, Version
from immunosep.web.audit.chain import faults_of
from immunosep.web.audit.models import Event, Head
from immunosep.web.centres.models import Centre
from immunosep.web.enrolment.allocating import allocate
from immunosep.web.enrolment.consenting import record_consent
from immunosep.web.enrolment.models import Allocation, Entry, Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.recording import add_patient, last_entry, record_values
from tests.web.amended import LENIENT, LIMIT, STRICT, live, proposed, taken, versions_in
from tests.web.people import ELIGIBLE, NOW, Cast

STEPS = 40
VERSIONS = {"2.0": STRICT, "3.0": LENIENT, "4.0": LIMIT.format(500)}


class Walk:
    """Two centres, what version each should work by, and what may be done next."""

    def __init__(self, cast: Cast, folder: Path, seed: int) -> None:
        self.cast, self.folder, self.chance = cast, folder, random.Random(seed)
        self.staff = {cast.jena.pk: cast.consultant, cast.athens.pk: cast.foreign_consultant}
        self.works_by = dict.fromkeys(self.staff, IMMUNOSEP.digest)
        self.now = NOW
        for name, changed in VERSIONS.items():
            taken(folder, changed, name=name)

    def step(self) -> None:
        """Something happens at one of the centres."""
        self.now += timedelta(minutes=1)
        centre = Centre.objects.get(pk=self.chance.choice(sorted(self.staff)))
        acts: list[Callable[[Centre, User], None]] = [
            self.amend, self.add, self.add, self.correct, self.randomise, self.randomise,
        ]  # fmt: skip
        before = self._last()
        try:
            self.chance.choice(acts)(centre, self.staff[centre.pk])
        except RefusedError:
            assert self._last() == before  # refused is refused: nothing of it was written
        self.look()

    def amend(self, centre: Centre, _by: User) -> None:
        """Some version, earlier or later, goes live here: as an amendment proposed now or open."""
        version = self.chance.choice(list(Version.objects.order_by("name")))
        amendment = version.amendments.order_by("number").last()
        if amendment is None or self.chance.random() < 0.5:
            amendment = proposed(version, self.cast.data_manager, now=self.now)
        with suppress(RefusedError):  # of three acts: what was proposed and approved stays
            live(amendment, centre, self.cast.data_manager, now=self.now)
            self.works_by[centre.pk] = amendment.version_id

    def add(self, centre: Centre, by: User) -> None:
        """A patient with everything that is asked, and consent."""
        patient = add_patient(centre, by=by, now=self.now)
        for filled_by in FilledBy:
            asked = columns_of(filled_by, centre)
            answers = {name: ELIGIBLE[name] for name in asked if name in ELIGIBLE}
            record_values(patient.pk, answers, filled_by=filled_by, seen=last_entry(patient),
                          by=by, now=self.now)  # fmt: skip
        version = centre.consentversion_set.get()
        record_consent(patient.pk, given_by=ConsentBy.PATIENT, version=version, given_at=self.now,
                       by=by, now=self.now)  # fmt: skip

    def correct(self, centre: Centre, by: User) -> None:
        """Another count of neutrophils, below the limit of some versions and not of others."""
        if patient := self._someone(centre):
            counted = self.chance.choice([300, 700, 1_200, 9_000, 12_000])
            record_values(patient.pk, {"neutrophils_per_mm3": counted}, reason="recounted",
                          filled_by=FilledBy.BEDSIDE, seen=last_entry(patient), by=by,
                          now=self.now)  # fmt: skip

    def randomise(self, centre: Centre, by: User) -> None:
        """Somebody is randomised, if the version that is live lets them in."""
        if patient := self._someone(centre):
            allocate(patient.pk, by=by, now=self.now)

    def look(self) -> None:
        """What was written last, and each centre, say the version they should."""
        held = Centre.objects.in_bulk(list(self.staff))
        now = {pk: held[pk].trial_digest or IMMUNOSEP.digest for pk in held}
        assert now == self.works_by
        for row in (Entry.objects.last(), Allocation.objects.order_by("pk").last()):
            made = row.entered_at if isinstance(row, Entry) else row and row.allocated_at
            if row and made == self.now:
                patient = row.patient
                assert row.trial_digest == self.works_by[patient.centre_id]

    def _someone(self, centre: Centre) -> Patient | None:
        there = list(Patient.objects.filter(centre=centre).order_by("number"))
        return self.chance.choice(there) if there else None

    def _last(self) -> int:
        return Head.objects.get().sequence


@pytest.fixture(params=[1, 2, 3])
def walked(cast: Cast, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Walk]:
    with versions_in(tmp_path):
        walk = Walk(cast, tmp_path, request.param)
        for _ in range(STEPS):
            walk.step()
        yield walk


def test_each_row_carries_the_version_live_at_its_centre(walked: Walk) -> None:
    works_by: dict[str, str] = {}
    for event in Event.objects.order_by("sequence"):
        if event.action == "amendments.activate":
            assert event.after is not None
            works_by[event.centre] = event.after["trial_digest"]
        assert event.trial_digest == works_by.get(event.centre, IMMUNOSEP.digest)
    assert Activation.objects.count() == _count("amendments.activate") > 2
    assert Allocation.objects.count() == _count("enrolment.randomise") > 2
    assert not list(faults_of(Event.objects.order_by("sequence"), head=Head.objects.get().digest))


def _count(action: str) -> int:
    return Event.objects.filter(action=action).count()
