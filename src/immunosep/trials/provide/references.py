"""What PROVIDE is known from."""

from immunosep.protocol.provenance import Reference

REGISTRY = Reference(
    id="registry",
    short="NCT03332225",
    citation="A Personalized Randomized Trial of Validation and Restoration of Immune Dysfunction "
    "in Severe Infections and Sepsis (PROVIDE). ClinicalTrials.gov NCT03332225, last updated 29 "
    "July 2020.",
    url="https://clinicaltrials.gov/study/NCT03332225",
)
REPORT = Reference(
    id="report",
    short="Leventogiannis Cell Rep Med 2022;3:100817",
    citation="Leventogiannis K et al. Toward personalized immunotherapy in sepsis: The PROVIDE "
    "randomized clinical trial. Cell Rep Med 2022;3(11):100817.",
    doi="10.1016/j.xcrm.2022.100817",
)
SUCCESSOR = Reference(
    id="successor",
    short="NCT04990232",
    citation="Personalized Immunotherapy in Sepsis (ImmunoSep). ClinicalTrials.gov NCT04990232: "
    "its description tells of PROVIDE.",
    url="https://clinicaltrials.gov/study/NCT04990232",
)
SPONSOR_PAGE = Reference(
    id="sponsor_page",
    short="Hellenic Institute for the Study of Sepsis, page on PROVIDE",
    citation="The PROVIDE study. Hellenic Institute for the Study of Sepsis.",
    url="http://hiss.sepsis.gr/provide-study/",
)
FERRITIN = Reference(
    id="ferritin",
    short="Kyriazopoulou BMC Med 2017;15:172",
    citation="Kyriazopoulou E et al. Macrophage activation-like syndrome: an immunological entity "
    "associated with rapid progression to death in sepsis. BMC Med 2017;15:172.",
    doi="10.1186/s12916-017-0930-5",
)

REFERENCES = (REGISTRY, REPORT, SUCCESSOR, SPONSOR_PAGE, FERRITIN)
