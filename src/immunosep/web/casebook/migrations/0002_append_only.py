from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    """Rows are added and never changed; the database itself refuses."""

    dependencies = [("casebook", "0001_initial")]
    operations = [
        append_only("casebook_pageentry"),
        append_only("casebook_step"),
        append_only("casebook_signature"),
        append_only("casebook_querystep"),
    ]
