"""What ImmunoSep is known from."""

from immunosep.protocol.provenance import Reference

REGISTRY = Reference(
    id="registry",
    short="NCT04990232",
    citation="Personalized Immunotherapy in Sepsis (ImmunoSep). ClinicalTrials.gov NCT04990232, "
    "last updated 17 March 2025.",
    url="https://clinicaltrials.gov/study/NCT04990232",
)
REPORT = Reference(
    id="report",
    short="Giamarellos-Bourboulis JAMA 2026;335:775",
    citation="Giamarellos-Bourboulis EJ et al. Precision Immunotherapy to Improve Sepsis "
    "Outcomes: The ImmunoSep Randomized Clinical Trial. JAMA 2026;335(9):775-786.",
    doi="10.1001/jama.2025.24175",
)
PROTOCOL = Reference(
    id="protocol",
    short="Giamarellos-Bourboulis JAMA 2026;335:775, Supplement 1",
    citation="ImmunoSep trial protocol and statistical analysis plan: Supplement 1 of the report.",
    doi="10.1001/jama.2025.24175",
)
PROTOCOL_PAPER = Reference(
    id="protocol_paper",
    short="Kotsaki BMJ Open 2022",
    citation="Kotsaki A et al. ImmunoSep (Personalised Immunotherapy in Sepsis) international "
    "double-blind, double-dummy, placebo-controlled randomised clinical trial: study protocol. BMJ "
    "Open 2022.",
)
FERRITIN = Reference(
    id="ferritin",
    short="Kyriazopoulou BMC Med 2017;15:172",
    citation="Kyriazopoulou E et al. Macrophage activation-like syndrome: an immunological entity "
    "associated with rapid progression to death in sepsis. BMC Med 2017;15:172.",
    doi="10.1186/s12916-017-0930-5",
)
FERRITIN_ACCURACY = Reference(
    id="ferritin_accuracy",
    short="Karakike Front Immunol 2019;10:55",
    citation="Karakike E, Giamarellos-Bourboulis EJ. Macrophage Activation-Like Syndrome: A "
    "Distinct Entity Leading to Early Death in Sepsis. Front Immunol 2019;10:55.",
    doi="10.3389/fimmu.2019.00055",
)
SEPSIS_3 = Reference(
    id="sepsis_3",
    short="Singer JAMA 2016;315:801",
    citation="Singer M et al. The Third International Consensus Definitions for Sepsis and Septic "
    "Shock (Sepsis-3). JAMA 2016;315:801-810.",
    doi="10.1001/jama.2016.0287",
)
APACHE_II = Reference(
    id="apache_ii",
    short="Knaus Crit Care Med 1985;13:818",
    citation="Knaus WA, Draper EA, Wagner DP, Zimmerman JE. APACHE II: a severity of disease "
    "classification system. Crit Care Med 1985;13:818-829.",
    doi="10.1097/00003246-198510000-00009",
)
CHARLSON = Reference(
    id="charlson",
    short="Charlson J Chronic Dis 1987;40:373",
    citation="Charlson ME, Pompei P, Ales KL, MacKenzie CR. A new method of classifying prognostic "
    "comorbidity in longitudinal studies: development and validation. J Chronic Dis "
    "1987;40:373-383.",
    doi="10.1016/0021-9681(87)90171-8",
)
ANAKINRA_LABEL = Reference(
    id="anakinra_label",
    short="Kineret (anakinra), EU product information",
    citation="Kineret 100 mg/0.67 mL solution for injection: summary of product characteristics.",
)
INTERFERON_LABEL = Reference(
    id="interferon_label",
    short="Actimmune (interferon gamma-1b), US prescribing information",
    citation="Actimmune 100 micrograms (2 million IU)/0.5 mL injection: prescribing information.",
)
E6 = Reference(
    id="e6",
    short="ICH E6(R3), Annex 1",
    citation="ICH harmonised guideline E6(R3): Good Clinical Practice. Principles and Annex 1. 6 "
    "January 2025.",
)
LABELLING = Reference(
    id="labelling",
    short="Regulation (EU) 536/2014, Annex VI",
    citation="Regulation (EU) No 536/2014 on clinical trials on medicinal products for human use, "
    "Annex VI: labelling of investigational and auxiliary medicinal products.",
)
IN_USE = Reference(
    id="in_use",
    short="CPMP/QWP/159/96 corr",
    citation="Note for guidance on maximum shelf-life for sterile products for human use after "
    "first opening or following reconstitution. Committee for Proprietary Medicinal Products, "
    "CPMP/QWP/159/96 corr, 1998.",
)

REFERENCES = (
    REGISTRY,
    REPORT,
    PROTOCOL,
    PROTOCOL_PAPER,
    FERRITIN,
    FERRITIN_ACCURACY,
    SEPSIS_3,
    APACHE_II,
    CHARLSON,
    ANAKINRA_LABEL,
    INTERFERON_LABEL,
    E6,
    LABELLING,
    IN_USE,
)
