"""What is kept about the handbook."""
