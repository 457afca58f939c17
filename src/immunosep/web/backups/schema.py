"""Which tables a database has, by the migrations it went through, not by the code that is here.

So a backup can be made before an upgrade, by the software that is to upgrade it, and an old backup
can be restored as it was and upgraded afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

_LOG_INS = "whoever held a copy could use the log-ins that are open"
LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "accounts_openlogin": _LOG_INS,
        "django_session": _LOG_INS,  # where they were until accounts.0007
        "shared_memory": "attempts and used codes of the last minutes",
    }
)
Key = tuple[str, str]  # app and name of a migration


@dataclass(frozen=True, kw_only=True)
class Applied:
    """One migration that a database went through, and when."""

    app: str
    name: str
    at: str

    @property
    def key(self) -> Key:
        """As Django names it."""
        return (self.app, self.name)


def applied_migrations(alias: str) -> tuple[Applied, ...]:
    """What a database went through, in order; nothing of an empty one."""
    recorder = MigrationRecorder(connections[alias])
    if not recorder.has_table():
        return ()
    rows = recorder.migration_qs.order_by("pk")
    return tuple(Applied(app=r.app, name=r.name, at=r.applied.isoformat()) for r in rows)


def unknown_migrations(keys: Iterable[Key], *, alias: str) -> list[str]:
    """Those that this software does not have: the database, or backup, is of a newer one."""
    known = MigrationExecutor(connections[alias]).loader.disk_migrations
    return [f"{app}.{name}" for app, name in keys if (app, name) not in known]


def waiting_migrations(alias: str) -> list[Key]:
    """Those that this software has and the database did not go through, in their order."""
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def tables_of(keys: Iterable[Key], *, alias: str) -> dict[str, type[models.Model]]:
    """The model of each table as it is after these migrations, by the table's name."""
    loader = MigrationExecutor(connections[alias]).loader
    nodes = [key for key in keys if key in loader.graph.nodes]
    apps = loader.project_state(nodes).apps
    found = apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: model
        for model in sorted(found, key=lambda model: model._meta.db_table)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    }


def bring_to(keys: Iterable[Key], *, alias: str) -> None:
    """Make the tables of an empty database as they are after these migrations, and no others."""
    executor = MigrationExecutor(connections[alias])
    wanted = set(keys)
    graph = executor.loader.graph
    ends = [key for key in wanted if not _followed_within(graph, key, wanted)]
    executor.migrate(sorted(ends))


def _followed_within(graph: Any, key: Key, wanted: set[Key]) -> bool:
    return any(child.key in wanted for child in graph.node_map[key].children)
