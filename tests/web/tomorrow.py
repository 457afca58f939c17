"""The command as a later version would have it: with one more migration, good or bad.

Run as `python -m tests.web.tomorrow KIND site upgrade DIR`.
"""

import sys
from collections.abc import Callable
from typing import Any

from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

APP = "enrolment"


class UnforeseenError(Exception):
    """What the author of a migration did not think of."""


def _fail(apps: Any, _schema_editor: Any) -> None:
    apps.get_model(APP, "Patient").objects.update(entries_made=99)
    raise UnforeseenError


def _open_the_trail(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change")
    else:
        schema_editor.execute("DROP TRIGGER audit_event_no_update")


def _change_the_trail(apps: Any, schema_editor: Any) -> None:
    _open_the_trail(apps, schema_editor)
    schema_editor.execute("UPDATE audit_event SET reason = 'another' WHERE sequence = 2")


def _cut_the_trail(apps: Any, schema_editor: Any) -> None:
    _open_the_trail(apps, schema_editor)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_event_no_delete")
    schema_editor.execute("DELETE FROM audit_event WHERE sequence > 3")


def _code(code: Callable[[Any, Any], None]) -> Any:
    return migrations.RunPython(code, migrations.RunPython.noop)


KINDS: dict[str, list[Any]] = {
    "good": [migrations.AddField("patient", "note", models.TextField(null=True))],
    "failing": [
        migrations.AddField("patient", "note", models.TextField(null=True)),
        _code(_fail),
    ],
    "opening": [_code(_open_the_trail)],
    "changing": [_code(_change_the_trail)],
    "cutting": [_code(_cut_the_trail)],
}


def main() -> None:
    """Run the command with the migrations of this kind, each operation in one of its own."""
    kind = sys.argv.pop(1)
    load = MigrationLoader.load_disk

    def load_disk(loader: MigrationLoader) -> None:
        load(loader)
        known = loader.disk_migrations
        last = max(name for app, name in known if app == APP)
        for n, operation in enumerate(KINDS[kind]):
            held = {"dependencies": [(APP, last)], "operations": [operation]}
            last = f"900{n}_tomorrow"
            known[APP, last] = type("Migration", (migrations.Migration,), held)(last, APP)

    setattr(MigrationLoader, "load_disk", load_disk)  # noqa: B010 - for this process alone
    from immunosep.cli import main as run

    run()


if __name__ == "__main__":
    main()
