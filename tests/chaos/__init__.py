"""Kills, cuts and full disks. The short forms run with every other test; `make chaos` runs the
long ones.
"""
