"""Review (审核): the queue, remarks on passages, and going live at a set time. The steps are ``kb.entries``' own."""
