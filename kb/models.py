"""Imports every table, for whoever needs the whole schema: migrations and tests."""

from kb.attachments import models as attachments
from kb.briefs import models as briefs
from kb.bulletins import models as bulletins
from kb.calls import models as calls
from kb.corrections import models as corrections
from kb.db import Base
from kb.desk import models as desk
from kb.documents import models as documents
from kb.drafting import models as drafting
from kb.entries import models as entries
from kb.events import models as events
from kb.exams import models as exams
from kb.forum import models as forum
from kb.gaps import models as gaps
from kb.letters import models as letters
from kb.lexicon import models as lexicon
from kb.licences import models as licences
from kb.maturity import models as maturity
from kb.must_reads import models as must_reads
from kb.notices import models as notices
from kb.people import models as people
from kb.questions import models as questions
from kb.review import models as review
from kb.study import models as study
from kb.taxonomy import models as taxonomy
from kb.training import models as training
from kb.validity import models as validity
from kb.verification import models as verification
from kb.workdays import models as workdays

__all__ = [
    "Base",
    "attachments",
    "briefs",
    "bulletins",
    "calls",
    "corrections",
    "desk",
    "documents",
    "drafting",
    "entries",
    "events",
    "exams",
    "forum",
    "gaps",
    "letters",
    "lexicon",
    "licences",
    "maturity",
    "must_reads",
    "notices",
    "people",
    "questions",
    "review",
    "study",
    "taxonomy",
    "training",
    "validity",
    "verification",
    "workdays",
]
