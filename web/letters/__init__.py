"""Letters: writing notices down as mails, and taking them to the mail server. No pages."""
