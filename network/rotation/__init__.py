"""Old keys go: the server secret, and the suites that envelopes are sealed with."""
