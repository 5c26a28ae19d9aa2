"""Reading files that people upload: never in this process, see ``kb.documents.reading.process``."""
