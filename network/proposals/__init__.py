"""Four eyes: one coordinator proposes, another confirms, and only then does it happen."""
