"""Check-ins: rhythms, prompts, ladders and alarms. Nobody is forgotten."""
