"""How many participants PROVIDE asked for, and how many it had."""

from immunosep.protocol.sample_size import SampleSize
from immunosep.trials.provide.references import REGISTRY, REPORT, SPONSOR_PAGE

SAMPLE_SIZE = SampleSize(
    total=278,
    enrolled=36,
    source=f"{SPONSOR_PAGE.short} (278); {REGISTRY.short} and {REPORT.short} (36)",
    note="36 were enrolled: 15 had immunotherapy and 21 placebo. What the target rested on is "
    "not published.",
)
