"""Taking knowledge over from files: folders of Markdown, spreadsheets and JSON lines.

``sources.read`` turns a path into records, one by one, and a ``Rejected`` for whatever it can't read, with its place
and reason; ``operations.import_records`` stores them, each on its own, so that a bad one never costs a good one.
``templates`` hands out spreadsheets to fill in, ``rejects`` hands back what was refused, so that it can be mended and
imported again. Nothing is imported twice: a record's id is the key of the entry or thread it became.
"""
