"""Who comes in, who lets them in, and how they are stopped."""
