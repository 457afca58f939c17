from typing import Any

from django.db import migrations

from immunosep.web.audit.append_only import append_only


def _start(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("audit", "Head").objects.create(id=1, sequence=0, digest="")


class Migration(migrations.Migration):
    """Rows are added and never changed; the database itself refuses. The chain starts here."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        append_only("audit_event"),
        migrations.RunPython(_start, migrations.RunPython.noop),
    ]
