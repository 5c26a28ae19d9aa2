"""Must-reads (必读): entries that somebody asked people to read, with a receipt that one question gives."""
