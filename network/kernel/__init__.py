"""Words every room of the network shares. Pure: no I/O, no clock, no framework."""
