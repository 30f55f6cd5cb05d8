"""What the tests of the pages share: somebody else's case, and who types her passphrase."""

from tests.people.conftest import fatima, keys_of_fatima
from tests.web.theirs import theirs

__all__ = ["fatima", "keys_of_fatima", "theirs"]
