"""The trial for search engines: schema.org's MedicalTrial as JSON-LD, and nothing a page hides."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from immunosep.protocol.trial import Trial
from immunosep.web.public.houses import House
from immunosep.web.public.study import Recruitment, registered

SAFE_IN_A_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(
    trial: Trial, *, url: str, standing: Recruitment, houses: tuple[House, ...]
) -> SafeString:
    """The text of a `<script type="application/ld+json">`: data, which no browser runs."""
    text = json.dumps(_medical_trial(trial, url, standing, houses), ensure_ascii=False)
    return mark_safe(text.translate(SAFE_IN_A_SCRIPT))


def _medical_trial(
    trial: Trial, url: str, standing: Recruitment, houses: tuple[House, ...]
) -> dict[str, Any]:
    entries = [entry.url for entry in registered(trial.registry_ids) if entry.url]
    facts = {
        "@context": "https://schema.org",
        "@type": "MedicalTrial",
        "name": trial.title,
        "alternateName": trial.acronym,
        "description": trial.summary,
        "url": url,
        "identifier": list(trial.registry_ids),
        "sameAs": entries,
        "status": standing.schema_org,
        "phase": trial.phase,
        "sponsor": {"@type": "Organization", "name": trial.sponsor} if trial.sponsor else None,
        "trialDesign": "https://schema.org/DoubleBlindedTrial" if trial.double_blind else None,
        "studyLocation": [_hospital(house) for house in houses],
    }
    return {name: value for name, value in facts.items() if value}


def _hospital(house: House) -> dict[str, Any]:
    return {
        "@type": "Hospital",
        "name": house.departments[0].name,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": house.city,
            "addressCountry": house.country,
        },
    }
