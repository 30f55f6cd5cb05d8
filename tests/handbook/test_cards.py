"""Whatever a chapter says, its cards hold all of it and none is too long."""

from hypothesis import given
from hypothesis import strategies as st

from handbook.cards import LONGEST, cut

LABEL = "Consejo en revisión por personas especialistas"
words = st.text(st.sampled_from("aeo ñá.?!:«»1•"), max_size=700).map(lambda t: " ".join(t.split()))


@given(st.lists(words, max_size=6), st.sampled_from(["", LABEL]))
def test_nothing_is_lost_and_nothing_is_too_long(blocks: list[str], label: str) -> None:
    cards = cut("x", title="Qué hacer", blocks=blocks, label=label)
    assert all(0 < len(card.text) <= LONGEST for card in cards)
    tail = f"\n\n{label}." if label else ""
    told = " ".join(card.text.removesuffix(tail) for card in cards)
    assert "".join(told.split()) == "".join(" ".join(["Qué hacer", *blocks]).split())


def test_a_line_that_announces_a_list_goes_with_it() -> None:
    blocks = ["Uno. " * 45, "Haz esto:", "• " + "Dos. " * 12]
    cards = cut("x", title="T", blocks=blocks, label="")
    assert not any(card.text.endswith(":") for card in cards)
