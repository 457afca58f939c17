"""A trial: the protocol as one value, of which everything else is a function.

The order of the fields is that of ICH M11. A trial checks itself when it is built: a value that
contradicts itself or the data dictionary raises TrialError with every problem found.
"""

from dataclasses import dataclass
from functools import cached_property

from immunosep.errors import TrialError
from immunosep.protocol.allocation import AllocationPlan
from immunosep.protocol.analysis_plan import AnalysisPlan
from immunosep.protocol.casebook import CaseForm, VisitBlock
from immunosep.protocol.centres import Centre
from immunosep.protocol.consent import ConsentPlan
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.digest import digest_of
from immunosep.protocol.endpoints import Endpoint
from immunosep.protocol.forms import Form, derived_forms
from immunosep.protocol.interim import Looks
from immunosep.protocol.provenance import Amendment, Choice, Reference
from immunosep.protocol.sample_size import SampleSize
from immunosep.protocol.schedule import Visit
from immunosep.protocol.supply import SupplyPlan
from immunosep.protocol.tolerance import ToleranceLimit
from immunosep.protocol.treatment import Arm, Intervention, Regimen
from immunosep.protocol.validation import problems_of


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Trial:
    """A protocol. Only `id`, `title` and one criterion are required: the rest may join later.

    `immune_states` are in order of precedence: the first that a patient fulfils is theirs.
    `window_hours` is the time from Sepsis-3 to the first blinded dose, itself excluded. `forms`
    are those of screening; without any, `screening_forms` derives them from the rules. `casebook`
    is what is recorded after randomisation, `blocks` the visits signed together.
    Without every training in `training_required`, and without delegation, nobody enters anything at
    a centre; by default none is asked for.
    """

    id: str
    title: str
    acronym: str = ""
    registry_ids: tuple[str, ...] = ()
    sponsor: str = ""
    phase: str = ""
    version: str = ""
    summary: str = ""
    inclusion: tuple[Criterion, ...] = ()
    exclusion: tuple[Criterion, ...] = ()
    consent: ConsentPlan | None = None
    immune_states: tuple[ImmuneState, ...] = ()
    window_hours: float | None = None
    forms: tuple[Form, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    arms: tuple[Arm, ...] = ()
    regimens: tuple[Regimen, ...] = ()
    double_blind: bool = True
    allocation: AllocationPlan | None = None
    supply: SupplyPlan | None = None
    schedule: tuple[Visit, ...] = ()
    casebook: tuple[CaseForm, ...] = ()
    blocks: tuple[VisitBlock, ...] = ()
    tolerance_limits: tuple[ToleranceLimit, ...] = ()
    training_required: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    plan: AnalysisPlan | None = None
    sample_size: SampleSize | None = None
    interim: Looks | None = None
    centres: tuple[Centre, ...] = ()
    choices: tuple[Choice, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a trial that is not valid, listing all that is wrong with it."""
        problems = problems_of(self)
        if problems:
            raise TrialError(f"trial {self.id!r} is not valid", problems)

    def __repr__(self) -> str:
        """Its name and size: the whole value would fill pages."""
        return (
            f"<Trial {self.id}: {len(self.inclusion)} inclusion and {len(self.exclusion)} "
            f"exclusion criteria, {len(self.immune_states)} immune states>"
        )

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion, in the protocol's order: inclusion, then exclusion."""
        return (*self.inclusion, *self.exclusion)

    @property
    def screening_forms(self) -> tuple[Form, ...]:
        """What is asked of a patient, in order: its own forms, or those that its rules need."""
        return tuple(self.forms) or derived_forms(self)

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that any change of the protocol changes."""
        return digest_of(self)

    def regimen(self, *, state: str, arm: str) -> Regimen:
        """What the participants of one immune state in one arm are given."""
        return next(cell for cell in self.regimens if (cell.state, cell.arm) == (state, arm))

    def choice(self, id_: str) -> Choice:
        """A named choice, by its id."""
        return next(choice for choice in self.choices if choice.id == id_)
