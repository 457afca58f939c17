"""Whether a site's records are whole: what must hold of every site, at every moment.

The audit trail is walked from its first event; each invariant of allocation and supply is counted
by the database. Nothing is changed, and nothing found is printed but numbers of rows and places.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from immunosep.errors import CodeError, SettingsError
from immunosep.web.amendments.models import Activation, Version
from immunosep.web.audit.chain import faults_of
from immunosep.web.audit.models import Event, Head
from immunosep.web.centres.models import Centre
from immunosep.web.closed import (
    closed_tables,
    may_be_blinded_again,
    open_tables,
    tables_without_locks,
)
from immunosep.web.code.models import Code, Slot, Stratum
from immunosep.web.code.stored import stored_code
from immunosep.web.enrolment.models import Allocation, Dose, Patient
from immunosep.web.finding import Finding
from immunosep.web.supply.models import Order
from immunosep.web.trial import trial_with

BATCH = 2000  # events in memory at a time


def check_site() -> tuple[Finding, ...]:
    """Everything that must hold, one finding for each."""
    return (
        _tables(),
        _closed(),
        _trail(),
        _code_as_loaded(),
        _places_in_order(),
        _allocations_audited(),
        _allocations_ordered(),
        _patients_numbered(),
        _doses_within_window(),
        _versions_there(),
    )


def _tables() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    faults = (
        [f"{len(waiting)} migrations are waiting; run `immunosep site upgrade`"] if waiting else []
    )
    return Finding(checked="tables are of this version", rows=0, faults=tuple(faults))


def _closed() -> Finding:
    """A migration that makes a table anew loses its triggers on SQLite: no error tells."""
    closed = closed_tables()
    faults = [
        *(f"{table} can be changed: its triggers are gone" for table in open_tables(closed)),
        *(
            f"{table} takes rows under a lock: a trigger is gone"
            for table in tables_without_locks()
        ),
        *(
            ["accounts_user can be blinded again: its trigger is gone"]
            if may_be_blinded_again()
            else []
        ),
    ]
    return Finding(
        checked="append-only tables refuse change", rows=len(closed), faults=tuple(faults)
    )


def _trail() -> Finding:
    events = Event.objects.order_by("sequence").iterator(chunk_size=BATCH)
    faults = tuple(faults_of(events, head=Head.objects.get().digest))
    return Finding(checked="audit trail unbroken", rows=Event.objects.count(), faults=faults)


def _code_as_loaded() -> Finding:
    """Each place still holds the ciphertext that was loaded, by the digest in the audit trail."""
    loaded = Event.objects.filter(action="code.load").values_list("after", flat=True)
    recorded = {after["commitment"]: after["digest"] for after in loaded if after}
    faults = []
    for code in Code.objects.all():
        try:
            holds = stored_code(code).digest == recorded.get(code.commitment)
        except CodeError:
            holds = False
        if not holds:
            faults.append("the sealed list in the database is not the one that was loaded")
    return Finding(
        checked="the sealed list is as it was loaded",
        rows=Slot.objects.count(),
        faults=tuple(faults),
    )


def _places_in_order() -> Finding:
    """The allocated places of each list are 1, 2, … without a gap, in the order they were given."""
    strata = Stratum.objects.annotate(
        taken=Count("slots__allocation"),
        last=Max("slots__position", filter=Q(slots__allocation__isnull=False)),
    ).filter(taken__gt=0)
    faults = [f"list {s.key}: {s.taken} places taken, the last is {s.last}" for s in strata
              if s.taken != s.last]  # fmt: skip
    faults += [f"list {key}: places were not taken in order" for key in _disordered()]
    return Finding(
        checked="places taken in order, none skipped, none twice",
        rows=Allocation.objects.count(),
        faults=tuple(faults),
    )


def _disordered() -> Iterator[str]:
    places = Allocation.objects.order_by("slot__stratum__key", "id").values_list(
        "slot__stratum__key", "slot__position"
    )
    key_before, position_before = "", 0
    for key, position in places.iterator(chunk_size=BATCH):
        if key == key_before and position < position_before:
            yield key
        key_before, position_before = key, position


def _allocations_audited() -> Finding:
    audited = Event.objects.filter(action="enrolment.randomise", participant=OuterRef("patient_id"))
    counted = audited.order_by().values("participant").annotate(n=Count("pk")).values("n")
    found = Allocation.objects.annotate(events=Subquery(counted))
    wrong = found.exclude(events=1).count()
    orphans = (
        Event.objects.filter(action="enrolment.randomise")
        .exclude(participant__in=Allocation.objects.values("patient_id"))
        .count()
    )
    faults = [f"{wrong} allocations have no event, or more than one"] * bool(wrong)
    faults += [f"{orphans} events of randomisation have no allocation"] * bool(orphans)
    return Finding(
        checked="each allocation has its event", rows=found.count(), faults=tuple(faults)
    )


def _allocations_ordered() -> Finding:
    first = Order.objects.filter(slot=OuterRef("slot"), day=1).values("participant")
    found = Allocation.objects.annotate(ordered=Subquery(first[:1]))
    wrong = found.exclude(ordered=F("patient_id")).count()
    faults = [f"{wrong} allocations have no order for their first day"] * bool(wrong)
    return Finding(
        checked="each allocation has its first order", rows=found.count(), faults=tuple(faults)
    )


def _patients_numbered() -> Finding:
    centres = Patient.objects.values("centre", "centre__last_patient").annotate(n=Count("pk"))
    faults = [
        f"centre {row['centre']}: {row['n']} patients, the last number given is "
        f"{row['centre__last_patient']}"
        for row in centres
        if row["n"] != row["centre__last_patient"]
    ]
    return Finding(
        checked="patients numbered without a gap",
        rows=Patient.objects.count(),
        faults=tuple(faults),
    )


def _doses_within_window() -> Finding:
    first = (
        Dose.objects.filter(allocation=OuterRef("pk")).order_by("given_at").values("given_at")[:1]
    )
    found = Allocation.objects.annotate(first_dose=Subquery(first)).exclude(first_dose=None)
    late = found.filter(first_dose__gte=F("window_closes_at")).count()
    faults = [f"{late} first doses were given after the window had closed"] * bool(late)
    return Finding(
        checked="first doses within the window", rows=found.count(), faults=tuple(faults)
    )


def _versions_there() -> Finding:
    """Each version can be read as it was, and each centre works by that which went live last."""
    faults = []
    for version in Version.objects.all():
        try:
            trial_with(version.digest)
        except SettingsError as error:
            faults.append(str(error))
    last = Activation.objects.filter(centre=OuterRef("pk")).order_by("-id")
    centres = Centre.objects.annotate(live=Subquery(last.values("amendment__version")[:1]))
    faults += [
        f"centre {centre.pk} does not work by the version that went live there last"
        for centre in centres
        if centre.trial_digest != (centre.live or "")
    ]
    return Finding(
        checked="versions as they were, each centre by its last",
        rows=Version.objects.count(),
        faults=tuple(faults),
    )
