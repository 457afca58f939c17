"""Recovery codes that could be shown again become hashes, which cannot."""

import hmac
from collections.abc import Iterator
from hashlib import sha1
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import migrations

from immunosep.web.accounts.sealing import open_sealed, seal

COUNT, DIGITS = 10, 8  # as they were drawn from a seed until now


def hash_codes(apps: Any, _editor: Any) -> None:
    """Each code that is left works once more; those of another secret key are gone."""
    rows = apps.get_model("mfa", "Authenticator").objects.filter(type="recovery_codes")
    for row in rows:
        seed = open_sealed(row.data["seed"]) if "seed" in row.data else ""
        left = list(_codes_left(seed, row.data["used_mask"])) if seed else []
        row.data = {"migrated_codes": [seal(f"- {make_password(code)}") for code in left]}
        row.save(update_fields=["data"])


def _codes_left(seed: str, used: int) -> Iterator[str]:
    """As django-allauth 65 draws them: HMAC-SHA1 under the seed, each after those before it."""
    stream = hmac.new(seed.encode("ascii"), digestmod=sha1)
    for place in range(COUNT):
        stream.update(f"{place:3},".encode())
        drawn = int.from_bytes(stream.digest()[: DIGITS // 2], "big") % 10**DIGITS
        if not used & (1 << place):
            yield f"{drawn:0{DIGITS}}"


class Migration(migrations.Migration):
    """What is hashed stays so: the version before does not know these codes and takes none."""

    dependencies = [
        ("accounts", "0005_language"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [migrations.RunPython(hash_codes, migrations.RunPython.noop)]
