"""Break-glass: coordinators who together can open what nobody can open any more."""
