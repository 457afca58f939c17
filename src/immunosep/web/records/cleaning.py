"""What became of the data themselves: every query, from opening to closing."""

from collections.abc import Iterator

from immunosep.web.casebook.models import Query, QueryStep
from immunosep.web.records.gathering import Casebook
from immunosep.web.records.people import Row, seconds


def query_rows(books: list[Casebook]) -> Iterator[Row]:
    """One row per query about a page that is part of the records."""
    pages = {page.pk: (book, page) for book in books for page, _ in book.pages}
    queries = Query.objects.filter(page__in=list(pages)).prefetch_related("steps").order_by("id")
    for query in queries:
        book, page = pages[query.page_id]
        steps = list(query.steps.all())
        yield {
            "participant": book.participant,
            "form": page.form,
            "column": query.column or None,
            "raised_by": "rule" if query.check_id else "person",
            "opened_s": seconds(query.opened_at),
            "answered_s": _first(steps, Query.Status.ANSWERED),
            "closed_s": _first(reversed(steps), Query.Status.CLOSED)
            if query.status == Query.Status.CLOSED
            else None,
        }


def _first(steps: Iterator[QueryStep] | list[QueryStep], status: str) -> int | None:
    return next((seconds(step.at) for step in steps if step.status == status), None)
