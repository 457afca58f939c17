"""Laboratory values as hospitals exchange them: HL7 FHIR R4 and R5, a Bundle of Observations."""

from immunosep.sources.fhir.reading import read_bundle

__all__ = ["read_bundle"]
