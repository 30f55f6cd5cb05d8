"""People who are asked whether they are well, and those who come when they are not."""
