from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    """Rows are added and never changed; the database itself refuses."""

    dependencies = [("enrolment", "0001_initial")]
    operations = [
        append_only("enrolment_entry"),
        append_only("enrolment_consent"),
        append_only("enrolment_withdrawal"),
        append_only("enrolment_allocation"),
        append_only("enrolment_inerror"),
        append_only("enrolment_dose"),
    ]
