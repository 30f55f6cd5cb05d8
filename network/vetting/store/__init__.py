"""The path's tables: `applications`, the `seats` of those who read them, and their `lines`."""
