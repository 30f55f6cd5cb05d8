"""What became of a question's letter, as that question understands it."""

from network.checkins.domain.prompts import Fate, Post, Prompt, PromptStatus


def is_out(prompt: Prompt, post: Post) -> bool:
    """Whether they have been asked this open question: any word of theirs answers it then."""
    return prompt.status is not PromptStatus.PROMISED or post.fate is Fate.DELIVERED


def asked_once(prompt: Prompt, post: Post, *, reachable: bool) -> Post:
    """What a letter taken back is to a question that no other follows, such as that of a trip: it
    reached nobody. It is asked again, or there is nowhere to ask them.
    """
    if prompt.status is not PromptStatus.PROMISED or post.fate is not Fate.GONE:
        return post
    return Post(Fate.FAILED if reachable else Fate.REFUSED, post.settled_at)


def kept_back(prompt: Prompt, post: Post) -> Post:
    """What a letter taken back means that was to wait for the morning. One that somebody took back
    since then is gone.
    """
    if prompt.status is not PromptStatus.PROMISED or post.fate is not Fate.GONE:
        return post
    taken, morning = post.settled_at, prompt.asked_at
    if morning is None or (taken is not None and taken >= morning):
        return post
    return Post(Fate.KEPT_BACK, taken)
