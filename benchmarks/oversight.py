"""Claim: the pages of the whole trial open in under 150 ms at the median.

The site is that of `benchmarks/pages.py`, with 300 participants and 100,000 values, spread over 100
centres, each participant with the doses of a course; somebody of the whole trial opens it, and the
other lists of the whole trial. Printed: the median and the slowest of the runs in milliseconds,
what of it was computing, the bytes, the queries. Last, the same of what that
page asks most of: how soon each centre enters (`casebook.ageing.entry_lags`).

    python benchmarks/oversight.py [--participants 300] [--centres 100] [--runs 9]
"""

import argparse
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.pages import NOW, populate, report, site

PAGES = {
    "how the trial goes": ("monitor", "/oversight/"),
    "deviations": ("monitor", "/oversight/deviations/"),
    "cleaning": ("monitor", "/casebook/"),
    "all patients": ("monitor", "/patients/"),
    "screening log": ("monitor", "/patients/log/"),
    "audit trail": ("monitor", "/audit/"),
    "centres": ("administrator", "/centres/"),
    "people": ("administrator", "/people/"),
}
DOSES = 53  # of a whole course: 45 by vein, 8 under the skin


def spread(centres: int) -> None:
    """Participants over as many centres as are asked for, each open, and what the rules find."""
    from immunosep.web.audit.actions import Site
    from immunosep.web.centres.models import Centre
    from immunosep.web.enrolment.models import Patient
    from immunosep.web.oversight.recording import look_for_deviations

    held = list(Centre.objects.all())
    for n in range(len(held), centres):
        held.append(
            Centre.objects.create(
                id=f"bench_{n}", number=f"{n + 1:03d}", name="A centre", city="Somewhere",
                country="Greece", time_zone="Europe/Athens",
            )
        )  # fmt: skip
    Centre.objects.update(status="open", opened_at=NOW - timedelta(days=400))
    for n, patient in enumerate(Patient.objects.all()):
        Patient.objects.filter(pk=patient.pk).update(centre=held[n % centres])
    treat()
    look_for_deviations(by=Site(), now=NOW)


def treat() -> None:
    """The further doses of everybody who had a first one, eight hours apart."""
    from immunosep.web.enrolment.models import Dose
    from immunosep.web.supply.models import Preparation

    made: list[Preparation] = []
    doses: list[Dose] = []
    for first in Dose.objects.select_related("preparation"):
        for n in range(2, DOSES + 1):
            at = first.given_at + timedelta(hours=8 * (n - 1))
            like = {f.attname: getattr(first.preparation, f.attname)
                    for f in Preparation._meta.concrete_fields if not f.primary_key}  # fmt: skip
            told = {"number": f"{first.preparation.number}-{n}", "dose": n, "prepared_at": at,
                    "use_before": at + timedelta(days=1)}  # fmt: skip
            made.append(Preparation(**like | told))
            doses.append(Dose(allocation_id=first.allocation_id, given_at=at, recorded_at=at,
                              recorded_by_id=first.recorded_by_id))  # fmt: skip
    kept = Preparation.objects.bulk_create(made, batch_size=500)
    for dose, preparation in zip(doses, kept, strict=True):
        dose.preparation = preparation
    Dose.objects.bulk_create(doses, batch_size=500)


def counted(runs: int) -> None:
    """How long it takes to count how soon each centre enters."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from immunosep.web.casebook.ageing import entry_lags
    from immunosep.web.centres.models import Centre

    centres, taken = list(Centre.objects.all()), []
    for _ in range(runs + 1):
        began = time.process_time()
        found = entry_lags(centres)
        taken.append(1000 * (time.process_time() - began))
    with CaptureQueriesContext(connection) as queries:
        entry_lags(centres)
    pages = sum(each.pages for each in found)
    print(
        f"days to the entry of {pages:,} pages at {len(found)} centres: computing "
        f"{statistics.median(taken[1:]):.1f} ms, {len(queries)} queries"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, default=300)
    parser.add_argument("--centres", type=int, default=100)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with site():
        import time_machine
        from django.db import transaction

        with transaction.atomic():
            cast = populate(options.participants)
            spread(options.centres)
        report(PAGES, cast, options.runs)
        with time_machine.travel(NOW, tick=True):
            counted(options.runs)


if __name__ == "__main__":
    main()
