"""`immunosep site send` and `site openapi`: telling people and programs, and what may be asked."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from immunosep.web.folder import SiteFolder, use

FOLDER = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of the site.", show_default=False)
]


def send(path: FOLDER) -> None:
    """Send the notices that wait: mails, daily digests, webhooks. A timer runs it every minute.

    \b
    immunosep site send trial
    """
    use(SiteFolder(path).settings())
    from immunosep.web.outbox.sending import send_all

    done = send_all(now=lambda: datetime.now(UTC))
    typer.echo(f"{done['sent']} sent, {done['waiting']} to be tried again, {done['dead']} given up")


def openapi(path: FOLDER) -> None:
    """Print the OpenAPI document of the site's programming interface, as /api/1/openapi.json does.

    \b
    immunosep site openapi trial > openapi.json
    """
    use(SiteFolder(path).settings())
    from immunosep.web.api.document import document

    typer.echo(json.dumps(document(), indent=2))
