"""Claim: the pages of follow-up open in under 150 ms at the median, and ask no more as rows grow.

A site with 300 participants in one centre, on every day of follow-up, with the pages of their days
entered: 100,000 values. Every page is asked for through the whole of Django, as for a browser, by
somebody who is logged in. Printed: the median and the slowest of the runs in milliseconds, what of
it was computing, not waiting for other programs of the machine, the bytes, and how many queries the
database answered. Other lists join in `PAGES`.

    python benchmarks/pages.py [--participants 300] [--runs 9]
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

FOLLOWED_DAYS = 90
VALUES = 100_000
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PAGES = {
    "what is due, by the nurse": ("nurse", "/follow-up/"),
    "what is due, by the laboratory": ("laboratory", "/follow-up/"),
    "the first page, by the nurse": ("nurse", "/home/"),
    "casebook of one participant": ("nurse", "/patients/01-0150/casebook/"),
    "one page of it": ("nurse", "/patients/01-0150/casebook/new/vital_status/?visit=day_90"),
    "doses of one participant": ("nurse", "/patients/01-0150/casebook/doses/"),
    "course of one participant": ("nurse", "/patients/01-0150/casebook/timeline/"),
    "all patients": ("nurse", "/patients/"),
}


@contextmanager
def site() -> Iterator[None]:
    """An empty site of its own, in a file as a small site has it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IMMUNOSEP_TEST_DATABASE_URL"] = f"sqlite:///{folder}/site.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.web_settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def populate(participants: int) -> Any:
    """Participants on every day of follow-up; written straight into the tables, for speed."""
    from immunosep.web.casebook.models import Page, PageEntry
    from immunosep.web.centres.models import Centre
    from immunosep.web.code.models import Slot
    from immunosep.web.enrolment.models import Allocation, Dose, Patient
    from immunosep.web.supply.models import Order, Preparation
    from tests.web.people import make_site

    cast = make_site(now=NOW - timedelta(days=400))
    centre = Centre.objects.get(pk=cast.jena.pk)
    slots = _slots(Slot, cast, participants)
    for n in range(participants):
        began = NOW - timedelta(days=n % FOLLOWED_DAYS, hours=1)
        patient = Patient.objects.create(
            number=f"01-{n + 1:04d}", centre=centre, added_at=began, added_by=cast.nurse
        )
        allocation = Allocation.objects.create(
            patient=patient, slot=slots[n], immune_state="immunoparalysis", answers={}, values={},
            allocated_at=began, allocated_by=cast.consultant, trial_digest="0" * 64,
        )  # fmt: skip
        order = Order.objects.create(
            number=f"O{n}", slot=slots[n], participant=patient.pk, centre=centre,
            immune_state="immunoparalysis", day=1, doses=[], ordered_at=began,
        )  # fmt: skip
        made = Preparation.objects.create(
            number=f"P{n}", order=order, route="iv", dose=1, sealed=b"", prepared_at=began,
            use_before=began + timedelta(days=1), prepared_by=cast.pharmacist, status="given",
        )  # fmt: skip
        Dose.objects.create(allocation=allocation, preparation=made, given_at=began,
                            recorded_at=began, recorded_by=cast.nurse)  # fmt: skip
    pages = [
        Page(patient_id=f"01-{n + 1:04d}", form="daily_sofa", visit=f"day_{day}",
             stage="complete" if day % 5 else "started", entries_made=20, opened_at=NOW,
             opened_by=cast.nurse)
        for n in range(participants)
        for day in range(1, min(n % FOLLOWED_DAYS, 15) + 1)
    ]  # fmt: skip
    Page.objects.bulk_create(pages, batch_size=1000)
    PageEntry.objects.bulk_create(_entries(PageEntry, list(Page.objects.all()), cast.nurse),
                                  batch_size=2000)  # fmt: skip
    return cast


def _slots(model: Any, cast: Any, wanted: int) -> list[Any]:
    """Places of the list beyond those of its test list: only that there is one matters here."""
    first = model.objects.first()
    made = []
    for n in range(wanted):
        fields = {
            field.attname: getattr(first, field.attname)
            for field in model._meta.concrete_fields
            if not field.primary_key
        }
        made.append(model(**fields | {"position": 10_000 + n}))
    return list(model.objects.bulk_create(made))


def _entries(model: Any, pages: list[Any], by: Any) -> list[Any]:
    """As many values as the claim says, spread over the pages."""
    values = {"day_status": "present", "platelets_10e3_ul": 90, "gcs": 14, "map_mmhg": 66,
              "bilirubin_mg_dl": 1.4, "creatinine_mg_dl": 1.3, "fio2": 0.5, "pao2_mmhg": 80,
              "urine_ml_day": 900, "norepinephrine_ug_kg_min": 0.1}  # fmt: skip
    entries = [
        model(page=page, column=column, value=value, entered_at=NOW, entered_by=by,
              trial_digest="0" * 64)
        for page in pages
        for column, value in values.items()
    ]  # fmt: skip
    more = [
        model(page=page, column="urine_ml_day", value=n, entered_at=NOW, entered_by=by,
              reason="read again", trial_digest="0" * 64)
        for n in range(-(-(VALUES - len(entries)) // len(pages)))
        for page in pages
    ]  # fmt: skip
    return (entries + more)[:VALUES]


def measure(client: Any, address: str, runs: int) -> tuple[float, float, float, int, int]:
    """Median and slowest in milliseconds, the median of computing, bytes, and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken, computed = [], []
    for _ in range(runs + 1):  # the first warms up: templates, rules, the plan
        began, before = time.perf_counter(), time.process_time()
        answer = client.get(address)
        taken.append(1000 * (time.perf_counter() - began))
        computed.append(1000 * (time.process_time() - before))
        assert answer.status_code == 200, (address, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    median = statistics.median(taken[1:])
    return (
        median,
        max(taken[1:]),
        statistics.median(computed[1:]),
        len(answer.content),
        len(queries),
    )


def report(pages: Mapping[str, tuple[str, str]], cast: Any, runs: int) -> None:
    """A line for each page, which one of the cast opens."""
    import time_machine
    from django.test import Client, override_settings

    with time_machine.travel(NOW, tick=True), override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, (who, address) in pages.items():
            client = Client()
            client.force_login(
                getattr(cast, who),
                backend="allauth.account.auth_backends.AuthenticationBackend",
            )
            median, slowest, computing, size, queries = measure(client, address, runs)
            print(
                f"{name:<32} {median:7.1f} ms, slowest {slowest:7.1f} ms, computing "
                f"{computing:6.1f} ms, {size / 1000:6.1f} kB, {queries:3d} queries"
            )


def main() -> None:
    """Make the site, and print one line for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, default=300)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with site():
        from django.db import transaction

        with transaction.atomic():
            cast = populate(options.participants)
        report(PAGES, cast, options.runs)


if __name__ == "__main__":
    main()
