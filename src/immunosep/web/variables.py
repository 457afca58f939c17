"""Every setting of a site: its name, what it is without being set, and what it is for.

`docs/reference/settings.md` is drawn from this list; a setting that is not on it cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One setting: `default` is the words that stand for it when it is left out."""

    about: str
    default: str = ""
    secret: bool = False


V = Variable
VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "SECRET_KEY": V(about="Signs sessions and seals second factors: 50 or more unpredictable "
                        "characters.", secret=True),
        "DATABASE_URL": V(about="`sqlite:///FILE` or `postgresql://USER@HOST/NAME`.",
                          default="sqlite:///site.sqlite3", secret=True),
        "HOSTS": V(about="The names the site is reached by, with commas between.",
                   default="localhost,127.0.0.1,[::1]"),
        "TRIAL": V(about="The trial: a name that `immunosep trial` lists, or your own file.",
                   default="immunosep"),
        "VERSIONS": V(about="The folder of the trial's later versions: `immunosep site amend` "
                      "fills it.", default="`versions`, in the site's folder"),
        "REFERENCE_RANGES": V(about="A CSV file of what each laboratory calls normal: "
                              "`centre,column,sex,low,high,unit`. Without it no grade that counts "
                              "from a limit of normal is suggested."),
        "MEDDRA": V(about="The folder with `llt.asc` and `mdhier.asc` of the sponsor's licensed "
                    "MedDRA, itself named after the version. Without it events are coded by "
                    "hand."),
        "CONTACT": V(about="Whom the public page says to ask: an e-mail address, a telephone "
                     "number, words, with commas between."),
        "OTHER_SITES": V(about="Where other trials run, as `id=address`, with commas between."),
        "CODE_KEY_FILE": V(about="The file of the code key. Only a keyed process has one; setting "
                           "it makes the process keyed."),
        "CODE_KEY_PASSPHRASE": V(about="Opens that file, if it is closed with a passphrase.",
                                 secret=True),
        "SITE_URL": V(about="The address of the site process.", default="http://localhost:8000"),
        "KEYED_URL": V(about="The address of the keyed process, on the same host.",
                       default="http://localhost:8001"),
        "DEMO": V(about="A teaching site: says so on every page; allows plain HTTP; asks nobody "
                  "for a second factor.", default="no"),
        "DEBUG": V(about="Shows the inside of errors. Never on a site with patients.",
                   default="no"),
        "HTTPS": V(about="Sends plain requests to HTTPS; cookies travel over HTTPS alone.",
                   default="yes; no with DEBUG or DEMO"),
        "PROXIES": V(about="How many proxies of yours stand before the site and add to "
                     "X-Forwarded-For.", default="0"),
        "SECOND_FACTOR": V(about="Roles that unblind, prepare or manage need a second factor.",
                           default="yes; no with DEMO"),
        "OIDC_URL": V(about="The hospital's log-in (OpenID Connect): the address before "
                      "`/.well-known/`."),
        "OIDC_NAME": V(about="What its button says.", default="Hospital log-in"),
        "OIDC_CLIENT_ID": V(about="What the hospital calls this site."),
        "OIDC_SECRET": V(about="What the hospital gave this site.", secret=True),
        "EMAIL_BACKEND": V(about="How mail leaves; as given, it is written to the log's side.",
                           default="django.core.mail.backends.console.EmailBackend"),
        "EMAIL_HOST": V(about="The mail server.", default="localhost"),
        "EMAIL_PORT": V(about="Its port.", default="25"),
        "EMAIL_USER": V(about="The account there."),
        "EMAIL_PASSWORD": V(about="Its password.", secret=True),
        "EMAIL_TLS": V(about="Whether to speak TLS with it.", default="no"),
        "EMAIL_FROM": V(about="Whom mails come from.", default="immunosep@localhost"),
        "WEBHOOKS_INSIDE": V(about="Lets webhooks lead to addresses that are not public, such as a "
                             "machine of the hospital's own network.", default="no"),
        "API_RATE": V(about="How often one token may ask the programming interface: a number a "
                      "second, minute, hour or day.", default="300/minute"),
        "LOG_LEVEL": V(about="DEBUG, INFO, WARNING or ERROR.", default="INFO"),
        "STATIC_ROOT": V(about="Where `collectstatic` puts files, for a server of your own."),
    }
)  # fmt: skip
