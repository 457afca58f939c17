"""The 36 centres of ImmunoSep, as the registry lists them on 17 March 2025.

Names, cities, postcodes and status are the listing's own words; what is odd about an entry is
flagged and left as it is. Coordinates are not part of the listing: they are from general geography,
of the hospital to a few hundred metres or of its town or district, as `precision` says. The report
counts 33 centres and the analysis plan 31 (choice `centre_count`).
"""

from typing import NamedTuple

from immunosep.protocol.centres import Centre, Precision

NOT_AVAILABLE = "Site Not Available"
RECRUITING = "Active - Recruiting"


class Place(NamedTuple):
    """Where a hospital is; `hospital` joins the entries that are of one house."""

    hospital: str
    latitude: float
    longitude: float
    precision: Precision = Precision.CITY


TIME_ZONES = {  # IANA time zone database; each of these countries keeps one time
    "Germany": "Europe/Berlin",
    "Greece": "Europe/Athens",
    "Italy": "Europe/Rome",
    "Netherlands": "Europe/Amsterdam",
    "Romania": "Europe/Bucharest",
    "Switzerland": "Europe/Zurich",
}

_DOOR = Precision.HOSPITAL
JENA = Place("jena", 50.884, 11.622, _DOOR)
ATTIKON = Place("attikon", 38.015, 23.666, _DOOR)
IOANNINA = Place("ioannina", 39.665, 20.854)
KAT = Place("kat", 38.067, 23.804, _DOOR)
ALEXANDROUPOLIS = Place("alexandroupolis", 40.846, 25.874)
EVANGELISMOS = Place("evangelismos", 37.976, 23.747, _DOOR)
SOTIRIA = Place("sotiria", 37.993, 23.779, _DOOR)
LAIKO = Place("laiko", 37.983, 23.767, _DOOR)
AGIOI_ANARGYROI = Place("agioi_anargyroi", 38.074, 23.811)
KORGIALENEIO = Place("korgialeneio", 37.992, 23.765)
ASKLEPIEIO = Place("asklepieio_voulas", 37.843, 23.776)
THRIASIO = Place("thriasio", 38.041, 23.545)
HERAKLION = Place("heraklion", 35.339, 25.144)
KARDITSA = Place("karditsa", 39.366, 21.922)
LARISSA_UNIVERSITY = Place("larissa_university", 39.639, 22.419)
LARISSA_GENERAL = Place("larissa_general", 39.639, 22.419)
TZANEIO = Place("tzaneio", 37.943, 23.647)
AHEPA = Place("ahepa", 40.627, 22.956, _DOOR)
MILITARY_424 = Place("424_military", 40.675, 22.937)
AGIOS_DIMITRIOS = Place("agios_dimitrios", 40.640, 22.944)
GENNIMATAS = Place("g_gennimatas", 40.640, 22.944)
IPPOKRATEION = Place("ippokrateion", 40.640, 22.944)
THEAGENEIO = Place("theageneio", 40.640, 22.944)
PAPAGEORGIOU = Place("papageorgiou", 40.675, 22.937)
GEMELLI = Place("gemelli", 41.932, 12.428, _DOOR)
AMSTERDAM = Place("amsterdam_amc", 52.294, 4.958, _DOOR)
RADBOUD = Place("radboud", 51.823, 5.861, _DOOR)
CLUJ = Place("cluj", 46.771, 23.624)
CHUV = Place("chuv", 46.525, 6.642, _DOOR)

ATTIKON_THRICE = (
    'ATTIKON is listed three times, as ATTIKON, Attikon and "Attikon": three departments'
)
SOTIRIA_AGAIN = "SOTIRIA is listed three times by name, perhaps a fourth time without: departments"
EVANGELISMOS_TWICE = "Evangelismos is listed twice: 1st and 5th department of internal medicine"
ALEXANDROUPOLIS_TWICE = "listed twice under two names, with two statuses: one intensive care unit?"
STILL_RECRUITING = "listed as recruiting, although the trial is completed"
NO_POSTCODE = "no postcode listed"
ACCENTED = "city spelt with an accent, unlike elsewhere in the listing or in English"
SPACED = "postcode written with a space, unlike others of the country"


def _centre(
    number: int,
    name: str,
    at: Place,
    city: str,
    *flags: str,
    postcode: str = "",
    country: str = "Greece",
    region: str = "",
    status: str = NOT_AVAILABLE,
) -> Centre:
    return Centre(
        id=f"{number:02d}_{at.hospital}",
        name=name,
        hospital=at.hospital,
        city=city,
        region=region,
        postcode=postcode,
        country=country,
        status=status,
        latitude=at.latitude,
        longitude=at.longitude,
        precision=at.precision,
        time_zone=TIME_ZONES[country],
        flags=flags if postcode else (*flags, NO_POSTCODE),
    )


CENTRES = (
    _centre(1, "Intensive Care Unit, Jena University Hospital", JENA, "Jena",
            postcode="07747", country="Germany"),
    _centre(2, "2nd Department of Critical Care Medicine, ATTIKON University Hospital", ATTIKON,
            "Athens", ATTIKON_THRICE, "the municipality, Haidari, stands in the region's place",
            region="Haidari", postcode="12462"),
    _centre(3, "Intensive Care Unit, Ioannina University Hospital", IOANNINA, "Ioánnina", ACCENTED,
            region="Ioannina", postcode="45500"),
    _centre(4, "Intensive Care Unit, Center for Accident Rehabilitation (KAT) of Athens", KAT,
            "Athens", "the municipality, Kifissia, stands in the region's place; Kifisia elsewhere",
            region="Kifissia", postcode="14561"),
    _centre(5, "Intensive Care Unit, Alexandroupolis University Hospital", ALEXANDROUPOLIS,
            "Alexandroupolis", ALEXANDROUPOLIS_TWICE, postcode="68100"),
    _centre(6, "University General Hospital of Alexandroupolis Intensive Care Unit",
            ALEXANDROUPOLIS, "Alexandroupolis", ALEXANDROUPOLIS_TWICE, STILL_RECRUITING,
            postcode="68100", status=RECRUITING),
    _centre(7, "1ST Department of Internal Medicine, Evangelismos General Hospital", EVANGELISMOS,
            "Athens", EVANGELISMOS_TWICE, postcode="10676"),
    _centre(8, "1st Department of Pulmonary Medicine and Intensive Care Unit", SOTIRIA, "Athens",
            "no hospital named; by department and postcode taken to be SOTIRIA", SOTIRIA_AGAIN,
            postcode="11527"),
    _centre(9, "2nd Department of Internal Medicine, Attikon University Hospital", ATTIKON,
            "Athens", ATTIKON_THRICE),
    _centre(10, "3rd University Department of Internal Medicine, General Hospital of Chest "
            "Diseases of Athens SOTIRIA", SOTIRIA, "Athens", SOTIRIA_AGAIN, postcode="11527"),
    _centre(11, "4th Department of Internal Medicine, \"Attikon\" University Hospital, National "
            "and Kapodistrian University of Athens, Medical School", ATTIKON, "Athens",
            ATTIKON_THRICE, postcode="12462"),
    _centre(12, "5th Department of Internal Medicine, Evangelismos General Hospital", EVANGELISMOS,
            "Athens", EVANGELISMOS_TWICE),
    _centre(13, "General Hospital of Athens LAIKO - Intensive Care Unit", LAIKO, "Athens",
            "LAIKO in capitals, Laiko elsewhere", postcode="11527"),
    _centre(14, "General Oncological Hospital of Kifisia Oi Agioi Anargyroi - Clinic of Intensive "
            "Care and Pulmonary Diseases Department of Nursing, University of Athens",
            AGIOI_ANARGYROI, "Athens", "Kifisia here, Kifissia elsewhere in the listing"),
    _centre(15, "Greece Intensive Care Unit General Hospital of Athens Korgialeneio", KORGIALENEIO,
            "Athens", "the country is part of the name"),
    _centre(16, "Intensive Care Unit of Center for Respiratory Failure, General Hospital of Chest "
            "Diseases of Athens SOTIRIA", SOTIRIA, "Athens", SOTIRIA_AGAIN, postcode="11527"),
    _centre(17, "Intensive Care Unit, General Hospital ASKLEPIEIO Voulas", ASKLEPIEIO, "Athens",
            postcode="16673"),
    _centre(18, "New Intensive Care Unit, SOTIRIA Athens General Hospital of Chest Diseases",
            SOTIRIA, "Athens", SOTIRIA_AGAIN, postcode="11527"),
    _centre(19, "Intensive Care Unit, \"Latsio\", Thriasio Elefsis General Hospital", THRIASIO,
            "Elefsína", ACCENTED, postcode="19600"),
    _centre(20, "Greece Intensive Care Unit University General Hospital of Heraklion", HERAKLION,
            "Heraklion", "the country is part of the name"),
    _centre(21, "General Hospital of Karditsa Intensive Care Unit", KARDITSA, "Kardítsa", ACCENTED,
            postcode="43100"),
    _centre(22, "Department of Internal Medicine, Larissa University Hospital", LARISSA_UNIVERSITY,
            "Larissa", postcode="41334"),
    _centre(23, "Intensive Care Unit, \"Koutlimbaneio & Triantafylleio\" Larissa General Hospital",
            LARISSA_GENERAL, "Larissa", postcode="41221"),
    _centre(24, "Intensive Care Unit, TZANEIO Piraeus General Hospital", TZANEIO, "Piraeus",
            postcode="18536"),
    _centre(25, "Department of Anesthesiology and Intensive Care Medicine, University General "
            "Hospital of Thessaloniki AHEPA", AHEPA, "Thessaloniki", postcode="54636"),
    _centre(26, "Intensive Care Unit, 424 General Military Training Hospital", MILITARY_424,
            "Thessaloniki", postcode="56429"),
    _centre(27, "Intensive Care Unit, Agios Dimitrios General Hospital", AGIOS_DIMITRIOS,
            "Thessaloniki", SPACED, postcode="54 634"),
    _centre(28, "Intensive Care Unit, G. Gennimatas General Hospital", GENNIMATAS, "Thessaloniki",
            SPACED, postcode="546 35"),
    _centre(29, "Intensive Care Unit, Ippokrateion General Hospital", IPPOKRATEION, "Thessaloniki",
            SPACED, postcode="546 42"),
    _centre(30, "Intensive Care Unit, Theageneio Oncological Hospital of Thessaloniki", THEAGENEIO,
            "Thessaloniki", SPACED, postcode="546 39"),
    _centre(31, "General Hospital of Thessaloniki, Papageorgiou- Intensive Care Unit", PAPAGEORGIOU,
            "Thessaloníki", ACCENTED, postcode="56429"),
    _centre(32, "Fondazione Policlinico Universitario Agostino Gemelli IRCCS", GEMELLI, "Rome",
            postcode="00168", country="Italy"),
    _centre(33, "Department of Internal Medicine and Infectious Diseases, Amsterdam Medical Center",
            AMSTERDAM, "Amsterdam", postcode="1105 AZ", country="Netherlands"),
    _centre(34, "Intensive Care Unit, University Medical Center Radboud", RADBOUD, "Nijmegen",
            postcode="6525 GA", country="Netherlands"),
    _centre(35, "Infectious Diseases Department, \"Iuliu Hatieganu'' University of Medicine and "
            "Pharmacy Cluj-Napoca", CLUJ, "Cluj-Napoca", "quotation marks of two kinds in the name",
            country="Romania"),
    _centre(36, "Intensive Care Unit, Centre Hospitalier Universitaire Vaudois (CHUV)", CHUV,
            "Lausanne", "country code before the postcode", postcode="CH-1011",
            country="Switzerland"),
)  # fmt: skip
