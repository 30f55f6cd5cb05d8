"""The people's tables: `members` themselves, and the `passes` that let them in."""
