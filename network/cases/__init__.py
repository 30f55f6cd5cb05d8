"""Cases: intake, triage, offers, grants, the room where a family and its accompanier talk."""
