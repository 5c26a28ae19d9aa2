"""Knowledge entries (知识): content in immutable revisions, and the states they pass on the way to the desk."""
