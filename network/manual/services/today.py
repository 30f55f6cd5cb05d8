"""The day it is where the network is: what a date on a page means to whoever reads it."""

from datetime import date
from zoneinfo import ZoneInfo

from network.db import Tx


def today(tx: Tx) -> date:
    """Today, by the country's clock."""
    return tx.now.astimezone(ZoneInfo(tx.pack.time_zone)).date()
