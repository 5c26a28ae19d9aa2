"""The event log: audit trail, the outbox the indexer follows, and the source of every figure about the cycle."""
