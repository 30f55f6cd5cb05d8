"""Stories about how people come in, and what each step allows."""
