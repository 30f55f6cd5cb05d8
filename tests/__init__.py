"""The tests of Hilo."""
