"""Claim: the page of oversight opens in under 150 ms at the median.

The site is that of `benchmarks/pages.py`, with 300 participants and 100,000 values, spread over 100
centres; somebody of the whole trial opens the page and the list of deviations. Printed: the median
and the slowest of the runs in milliseconds, what of it was computing, the bytes, the queries.

    python benchmarks/oversight.py [--participants 300] [--centres 100] [--runs 9]
"""

import argparse
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.pages import NOW, measure, populate, site

PAGES = {"how the trial goes": "/oversight/", "deviations": "/oversight/deviations/"}


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
    look_for_deviations(by=Site(), now=NOW)


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
        from django.test import Client, override_settings

        with transaction.atomic():
            cast = populate(options.participants)
            spread(options.centres)
        with time_machine.travel(NOW, tick=True), override_settings(ALLOWED_HOSTS=["testserver"]):
            client = Client()
            client.force_login(
                cast.monitor, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
            for name, address in PAGES.items():
                median, slowest, computing, size, queries = measure(client, address, options.runs)
                print(
                    f"{name:<20} {median:7.1f} ms, slowest {slowest:7.1f} ms, computing "
                    f"{computing:6.1f} ms, {size / 1000:6.1f} kB, {queries:3d} queries"
                )


if __name__ == "__main__":
    main()
