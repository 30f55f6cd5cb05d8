"""Recovery keys and ceremonies: scoped reads, guarded writes."""
