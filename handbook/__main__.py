"""`python -m handbook` prints it; paper needs no network, no database and no secret."""

from handbook.console import press_handbook

press_handbook()
