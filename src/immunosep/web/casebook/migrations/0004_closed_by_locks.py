from django.db import migrations

from immunosep.web.casebook.closing import closed_by_locks


class Migration(migrations.Migration):
    """A lock closes screening, consent, allocation and doses too, and the database refuses them."""

    dependencies = [("casebook", "0003_locks"), ("enrolment", "0002_append_only")]
    operations = [closed_by_locks()]
