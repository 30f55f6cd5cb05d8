"""What vetting knows. Pure."""
