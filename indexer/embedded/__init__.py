"""The embedded engine: Whoosh on disk, in versioned generations behind an atomic pointer. No service to start."""
