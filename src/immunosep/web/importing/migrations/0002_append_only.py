from django.db import migrations

from immunosep.web.audit.append_only import append_only


class Migration(migrations.Migration):
    """What was imported stays imported; the database itself refuses change."""

    dependencies = [("importing", "0001_initial")]
    operations = [append_only("importing_importedresult")]
