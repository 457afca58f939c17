"""systemd units for a live site: its processes, each with no more of the machine than it needs.

Two users of the operating system: one for the site, one for the keyed process, so that no program
of the site's user can read the code key. The keyed process gets the site's settings, read by
systemd itself, and those of `keyed.env`.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from immunosep.errors import SettingsError
from immunosep.web.folder import SiteFolder

HARDENED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where and as whom a site runs."""

    folder: Path
    backups: Path
    user: str = "immunosep"
    keyed_user: str = "immunosep-keyed"
    port: int = 8000
    workers: int = 4


def units_of(place: Place) -> dict[str, str]:
    """Each unit by the name of its file; SettingsError for what systemd could not read."""
    name = place.folder.name
    folder = SiteFolder(place.folder)
    settings = folder.settings()
    _refuse_unreadable(place)
    sqlite = settings.get("IMMUNOSEP_DATABASE_URL", "sqlite").startswith("sqlite")
    written = {
        f"{name}-site.service": _process(
            f"{name}: the site, without the code key", user=place.user, port=place.port,
            workers=place.workers, files=[folder.settings_file], writes=[place.folder] * sqlite,
        ),
        f"{name}-backup.service": _task(place, f"{name}: a backup", _backup(place)),
        f"{name}-backup.timer": _timer(f"{name}: a backup every night", "*-*-* 02:15:00"),
        f"{name}-verify.service": _task(place, f"{name}: its records are checked", _verify(place)),
        f"{name}-verify.timer": _timer(f"{name}: a check every night", "*-*-* 03:15:00"),
        f"{name}-look.service": _task(place, f"{name}: deviations are looked for", _look(place)),
        f"{name}-look.timer": _timer(f"{name}: deviations, every night", "*-*-* 01:15:00"),
        f"{name}-send.service": _task(place, f"{name}: notices are sent", _send(place)),
        f"{name}-send.timer": _timer(f"{name}: notices, every minute", "*-*-* *:*:00", within=5),
    }  # fmt: skip
    if sqlite:  # one file has one user; a key belongs on a machine with PostgreSQL
        return written
    keyed = _process(
        f"{name}: the keyed process", user=place.keyed_user, port=place.port + 1,
        workers=1, files=[folder.settings_file, folder.keyed_file], writes=[],
    )  # fmt: skip
    return written | {f"{name}-keyed.service": keyed}


def write_units(place: Place, out: Path) -> list[Path]:
    """Write them into a folder; none that is there is replaced."""
    units = units_of(place)
    there = sorted(name for name in units if (out / name).exists())
    if there:
        raise SettingsError(
            f"{out} holds {', '.join(there)} already; expected none of them. Name a new folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        (out / name).write_text(text, encoding="utf-8")
    return [out / name for name in sorted(units)]


def _refuse_unreadable(place: Place) -> None:
    wrong = [p for p in (place.folder, place.backups) if set(str(p)) & set(" \t\n\"'%\\$")]
    if wrong:
        raise SettingsError(
            f"{' and '.join(map(str, wrong))} cannot stand in a unit; expected a path without "
            "blanks, quotes, %, $ and backslashes. Move the folder."
        )


def _process(
    about: str,
    *,
    user: str,
    port: int,
    workers: int,
    files: list[Path],
    writes: list[Path],
) -> str:
    words = [
        sys.executable, "-m", "gunicorn", "immunosep.web.wsgi:application",
        "--config", "python:immunosep.web.gunicorn_settings",
        "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--log-level", "warning",
    ]  # fmt: skip
    service = {
        "Type": "notify",
        "NotifyAccess": "all",
        "User": user,
        "Group": user,
        "ExecStart": " ".join(words),
        "ExecReload": "/bin/kill -HUP $MAINPID",
        "KillMode": "mixed",
        "TimeoutStopSec": "30",
        "Restart": "on-failure",
        "RestartSec": "2",
        "LimitCORE": "0",
    }
    after = "After=network-online.target postgresql.service\nWants=network-online.target"
    install = "\n[Install]\nWantedBy=multi-user.target\n"
    return _unit(about, after, service, files=files, writes=writes) + install


def _task(place: Place, about: str, command: str) -> str:
    service = {"Type": "oneshot", "User": place.user, "Group": place.user, "ExecStart": command}
    return _unit(
        about,
        "After=postgresql.service",
        service | {"LimitCORE": "0", "Nice": "10"},
        files=[],
        writes=[place.folder, place.backups],
    )


def _unit(
    about: str, after: str, service: Mapping[str, str], *, files: list[Path], writes: list[Path]
) -> str:
    lines = ["[Unit]", f"Description={about}", after, "", "[Service]"]
    lines += [f"EnvironmentFile={file}" for file in files]
    lines += [f"{name}={value}" for name, value in service.items()]
    lines += [f"ReadWritePaths={path}" for path in writes]
    return "\n".join(lines) + "\n" + HARDENED


def _timer(about: str, when: str, *, within: int = 300) -> str:
    return f"""\
[Unit]
Description={about}

[Timer]
OnCalendar={when} UTC
RandomizedDelaySec={within}
Persistent=yes

[Install]
WantedBy=timers.target
"""


def _backup(place: Place) -> str:
    """`%%` is systemd's way to write the per cent sign of a shell's `date`."""
    name = f"{place.backups}/{place.folder.name}-$(date -u +%%Y%%m%%dT%%H%%M%%SZ).tar.gz"
    return f"/bin/sh -c 'exec {sys.executable} -m immunosep site backup {place.folder} {name}'"


def _verify(place: Place) -> str:
    return f"{sys.executable} -m immunosep site verify {place.folder}"


def _look(place: Place) -> str:
    return f"{sys.executable} -m immunosep site look {place.folder}"


def _send(place: Place) -> str:
    return f"{sys.executable} -m immunosep site send {place.folder}"
