"""Cases for those whom vetting lets near one."""

from tests.cases.conftest import accompanied, offers, received, triaged

__all__ = ["accompanied", "offers", "received", "triaged"]
