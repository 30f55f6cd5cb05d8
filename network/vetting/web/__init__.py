"""The pages of the path: the form of those who want to help, where they stand, the pair's moves."""

from network.vetting.web import along, helping_out, standing
from network.vetting.web.along import let_in
from network.vetting.web.blueprint import BY_ADDRESS, bp, outside

__all__ = ["BY_ADDRESS", "along", "bp", "helping_out", "let_in", "outside", "standing"]
