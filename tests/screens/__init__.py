"""Pictures of everything people see, taken while the whole job is played (make screens)."""
