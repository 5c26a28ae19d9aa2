"""Writing an entry (写稿): private working copies, the writing standard, and bringing two people's edits together."""
