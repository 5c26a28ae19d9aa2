"""Knowledge maturity (知识成熟度): rated by experts, proven on calls, kept true by time."""
