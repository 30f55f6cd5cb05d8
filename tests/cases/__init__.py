"""Stories about cases, from the first word to the last."""
