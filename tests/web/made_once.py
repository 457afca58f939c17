"""A site made once in each process, and its rows put back for every test that asks for one.

The actions that make it take 150 ms and the rows 10, and some four thousand tests begin with it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from tests.web.people import Cast, make_site

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A site: what was added to each table, and who works there."""

    cast: Cast
    added: dict[str, tuple[str, Rows]]  # by table: the statement, and its rows

    def put_back(self) -> Cast:
        """The same site in an empty database, within the test's own transaction."""
        with connection.cursor() as cursor:
            for statement, rows in self.added.values():
                cursor.executemany(statement, rows)
        return deepcopy(self.cast)


_made: dict[str, Made] = {}


def site_for_a_test() -> Cast:
    """The site before its first patient; other engines than SQLite count rows of their own."""
    if connection.vendor != "sqlite":
        return make_site()
    if settings.TRIAL in _made:
        return _made[settings.TRIAL].put_back()
    before = dict(_rows_of_tables())
    cast = make_site()
    added = {
        table: (_insertion(table), [row for row in rows if row not in before[table]])
        for table, rows in _rows_of_tables()
        if rows != before[table]
    }
    _made[settings.TRIAL] = Made(cast=deepcopy(cast), added=added)
    return cast


def _rows_of_tables() -> Iterator[tuple[str, Rows]]:
    for table in connection.introspection.django_table_names(only_existing=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            yield table, cursor.fetchall()


def _insertion(table: str) -> str:
    """A row that was there before, such as the trail's head, gives way to the one that follows."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
    return f'INSERT OR REPLACE INTO "{table}" VALUES ({", ".join(["%s"] * len(columns))})'
