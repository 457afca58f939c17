"""What PROVIDE's report printed, with the counts it rests on; immunotherapy comes first.

Leventogiannis Cell Rep Med 2022;3:100817; numbers only. A row says in its note where the report
contradicts itself.
"""

from immunosep.protocol.published import Measure, PublishedRow
from immunosep.trials.provide.references import REPORT

SOURCE = REPORT.short

RESULTS = (
    PublishedRow(
        table="Flow of participants",
        row="septic shock, by immune state",
        source=SOURCE,
        groups=((44, 2, 132),),
        printed={Measure.SUM: ("177",)},
    ),
    PublishedRow(
        table="Flow of participants",
        row="classified, by immune state",
        source=SOURCE,
        groups=((48, 103, 89),),
        printed={Measure.SUM: ("240",)},
    ),
    PublishedRow(
        table="Baseline",
        row="APACHE II",
        source=SOURCE,
        groups=((30.5, 9.4, 15), (18.2, 8.7, 21)),
        printed={Measure.T_TEST_P: (".376",)},
        note="means 12 points apart with these standard deviations are no chance finding",
    ),
    PublishedRow(
        table="Outcomes",
        row="death by day 28 (primary)",
        source=SOURCE,
        groups=((14, 15), (18, 21)),
        printed={
            Measure.PERCENT: ("93.3", "85.7"),
            Measure.DIFFERENCE: (),
            Measure.FISHER_P: (),
        },
        note="no benefit on the primary endpoint",
    ),
    PublishedRow(
        table="Outcomes",
        row="alive on day 7 with a lower SOFA",
        source=SOURCE,
        groups=((6, 14), (2, 20)),
        printed={
            Measure.PERCENT: ("42.9", "10.0"),
            Measure.DIFFERENCE: (),
            Measure.ODDS_RATIO: (),
            Measure.FISHER_P: (".042",),
        },
        note="counts as the printed percentages allow; one of each arm is not among them",
    ),
    PublishedRow(
        table="Death by immune state",
        row="MALS, immunoparalysis, intermediate: by day 28",
        source=SOURCE,
        groups=((38, 48), (69, 103), (37, 89)),
        printed={Measure.PERCENT: ("79.1", "66.9", "41.6")},
    ),
    PublishedRow(
        table="Death by immune state",
        row="HLA-DR below 5,000 against above, without MALS",
        source=SOURCE,
        groups=((69, 103), (37, 89)),
        printed={
            Measure.RISK_RATIO: ("2.82", "1.58", "5.14"),
            Measure.ODDS_RATIO: (),
            Measure.FISHER_P: (),
        },
        note="printed as a relative risk; its interval is that of the odds ratio",
    ),
    PublishedRow(
        table="Death by immune state",
        row="HLA-DR below 5,000 for death: sensitivity, specificity, predictive values",
        source=SOURCE,
        groups=((69, 106), (52, 86), (69, 103), (52, 89)),
        printed={Measure.PERCENT: ()},
    ),
)
