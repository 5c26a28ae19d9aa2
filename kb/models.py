"""Imports every table, for whoever needs the whole schema: migrations and tests."""

from kb.briefs import models as briefs
from kb.bulletins import models as bulletins
from kb.calls import models as calls
from kb.corrections import models as corrections
from kb.db import Base
from kb.desk import models as desk
from kb.documents import models as documents
from kb.entries import models as entries
from kb.events import models as events
from kb.forum import models as forum
from kb.gaps import models as gaps
from kb.letters import models as letters
from kb.lexicon import models as lexicon
from kb.maturity import models as maturity
from kb.notices import models as notices
from kb.people import models as people
from kb.taxonomy import models as taxonomy

__all__ = [
    "Base",
    "briefs",
    "bulletins",
    "calls",
    "corrections",
    "desk",
    "documents",
    "entries",
    "events",
    "forum",
    "gaps",
    "letters",
    "lexicon",
    "maturity",
    "notices",
    "people",
    "taxonomy",
]
