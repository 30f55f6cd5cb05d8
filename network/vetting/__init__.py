"""How people come in: every step from the first word to the yearly review, and what each allows."""
