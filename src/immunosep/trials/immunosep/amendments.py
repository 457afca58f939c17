"""The versions of ImmunoSep's protocol that are known of."""

from immunosep.protocol.provenance import Amendment
from immunosep.trials.immunosep.references import PROTOCOL, PROTOCOL_PAPER, REGISTRY

AMENDMENTS = (
    Amendment(
        version="1.0",
        dated="2020-12-04",
        changed="the first version",
        source=PROTOCOL.short,
    ),
    Amendment(
        version="statistical analysis plan",
        dated="",
        changed="the primary endpoint, until then a difference of mean SOFA between the arms, "
        "became the proportion of responders",
        source=f"{PROTOCOL_PAPER.short}; {PROTOCOL.short}",
    ),
    Amendment(
        version="7.0",
        dated="",
        changed="mentioned; what it changed is not published",
        source=PROTOCOL.short,
    ),
    Amendment(
        version="registry entry of 17 March 2025",
        dated="2025-03-17",
        changed="the text of the criteria that this value implements",
        source=REGISTRY.short,
    ),
)
