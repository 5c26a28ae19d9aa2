"""The permission table, held against every address and every verb. See ``routes.py`` and ``verbs.py`` to add one."""
