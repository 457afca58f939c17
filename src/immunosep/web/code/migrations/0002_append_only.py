from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    """Rows are added and never changed; the database itself refuses."""

    dependencies = [("code", "0001_initial")]
    operations = [
        append_only("code_code"),
        append_only("code_stratum"),
        append_only("code_slot"),
    ]
