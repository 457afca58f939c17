from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    """Rows are added and never changed; the database itself refuses."""

    dependencies = [("safety", "0001_initial")]
    operations = [
        append_only("safety_seriousreport"),
        append_only("safety_assessment"),
        append_only("safety_submission"),
        append_only("safety_followup"),
        append_only("safety_coding"),
    ]
