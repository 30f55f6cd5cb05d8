"""What is sealed stays sealed."""
