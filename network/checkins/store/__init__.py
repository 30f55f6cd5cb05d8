"""Where rhythms, questions and watches are kept. Plans and states are sealed to the server."""
