"""The verbs of the vetting room. Each takes the transaction and who asks; the door commits."""

from network.vetting.services.gate import barred, require_cleared

__all__ = ["barred", "require_cleared"]
