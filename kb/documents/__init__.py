"""Documents (成文的资料): manuals, tables and folders of pages, taken apart and looked at before they become drafts.

``reading`` turns a file into a ``Document``; ``rules`` cuts that into parts; ``drafting`` proposes an entry's content
for each; ``operations`` keeps what was read until somebody has decided which parts to take. Files in the centre's own
record format are ``kb.importing``'s.
"""
