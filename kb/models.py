"""Imports every table, for whoever needs the whole schema: migrations and tests."""

from kb.briefs import models as briefs
from kb.bulletins import models as bulletins
from kb.calls import models as calls
from kb.corrections import models as corrections
from kb.db import Base
from kb.desk import models as desk
from kb.entries import models as entries
from kb.events import models as events
from kb.exams import models as exams
from kb.forum import models as forum
from kb.gaps import models as gaps
from kb.lexicon import models as lexicon
from kb.licences import models as licences
from kb.maturity import models as maturity
from kb.must_reads import models as must_reads
from kb.notices import models as notices
from kb.people import models as people
from kb.questions import models as questions
from kb.study import models as study
from kb.taxonomy import models as taxonomy
from kb.training import models as training

__all__ = [
    "Base",
    "briefs",
    "bulletins",
    "calls",
    "corrections",
    "desk",
    "entries",
    "events",
    "exams",
    "forum",
    "gaps",
    "lexicon",
    "licences",
    "maturity",
    "must_reads",
    "notices",
    "people",
    "questions",
    "study",
    "taxonomy",
    "training",
]
