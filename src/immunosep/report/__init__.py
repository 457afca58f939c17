"""What was found, as one page that opens anywhere: patients screened, or a hospital's records."""

from immunosep.report.feasibility import write_feasibility_report
from immunosep.report.patients import write_patients_report

__all__ = ["write_feasibility_report", "write_patients_report"]
