"""A site with the rows of a backup, its tables as each part's first migration made them.

Run as `python -m tests.web.first_state`: what a site looked like before any of our migrations but
the first of each part. Columns that came later are left out of the rows, and so are tables.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.web.races import enter


def main() -> None:
    """Fill an empty database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="sqlite:///FILE or postgresql://…, empty")
    parser.add_argument("--backup", required=True, type=Path, help="whose rows to take")
    options = parser.parse_args()
    enter(options.database)
    keys = _first_migrations()
    rows = _fill(options.backup, keys)
    print(json.dumps({"rows": rows}))  # noqa: T201


def _first_migrations() -> list[tuple[str, str]]:
    """The first of each of our parts, all of other people's, and what these depend on."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from immunosep.web.backups.schema import applied_migrations, bring_to

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("immunosep.")}
    first = [key for key in graph.root_nodes() if key[0] in ours]
    first.append(("audit", "0002_append_only"))  # the chain begins there, before any event
    wanted = [*first, *(key for key in graph.leaf_nodes() if key[0] not in ours)]
    bring_to({key for each in wanted for key in graph.forwards_plan(each)}, alias="default")

    return [applied.key for applied in applied_migrations("default")]


def _fill(backup: Path, keys: list[tuple[str, str]]) -> int:
    from django.db import connection, transaction

    from immunosep.web.backups.archive import read_manifest, streams
    from immunosep.web.backups.rows import columns_of, insert_rows
    from immunosep.web.backups.schema import tables_of

    tables = tables_of(keys, alias="default")
    by_part = {table.part: table for table in read_manifest(backup).tables}
    filled = 0
    with transaction.atomic():
        for name, stream in streams(backup):
            table = by_part.get(name)
            if table is None or table.name not in tables:
                continue
            model: Any = tables[table.name]
            model._base_manager.all().delete()
            columns = [column for column in table.columns if column in columns_of(model)]
            at = [table.columns.index(column) for column in columns]
            insert_rows(model, columns, _parts_of(stream, at), alias="default")
            filled += stream.lines
        connection.check_constraints()
    return filled


def _parts_of(lines: Any, at: list[int]) -> Iterator[bytes]:
    for line in lines:
        row = json.loads(line)
        yield json.dumps([row[n] for n in at]).encode()


if __name__ == "__main__":
    main()
