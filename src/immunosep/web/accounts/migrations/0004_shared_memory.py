from typing import Any

from django.core.management import call_command
from django.db import migrations

from immunosep.web.audit.append_only import OnDatabase


def _make(_apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def _drop(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE shared_memory")


class Migration(migrations.Migration):
    """What every worker must know: how often a log-in was tried, which code was used up."""

    dependencies = [("accounts", "0003_unblinded_for_ever")]
    operations = [OnDatabase(_make, _drop)]
