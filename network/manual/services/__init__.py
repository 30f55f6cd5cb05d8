"""The verbs of the manual room. Each takes the transaction and who asks; the door does the rest."""

from network.manual.services.chores import Chores, chores
from network.manual.services.lines import LineCard, StateCard, dial, lines
from network.manual.services.reviews import (
    ChapterCard,
    ReviewCard,
    ReviewsPage,
    SectionCard,
    confirm_review,
    review_of,
    reviews,
    say_review,
    trouble_with_reviews,
    withdraw_review,
)
from network.manual.services.room import CaseShelf, of_case, send
from network.manual.services.standing import signed, standing
from network.manual.services.totals import did_it_help, totals
from network.manual.services.training import (
    Course,
    Learner,
    answer,
    completed,
    course,
    my_courses,
    trained,
)

__all__ = [
    "CaseShelf",
    "ChapterCard",
    "Chores",
    "Course",
    "Learner",
    "LineCard",
    "ReviewCard",
    "ReviewsPage",
    "SectionCard",
    "StateCard",
    "answer",
    "chores",
    "completed",
    "confirm_review",
    "course",
    "dial",
    "did_it_help",
    "lines",
    "my_courses",
    "of_case",
    "review_of",
    "reviews",
    "say_review",
    "send",
    "signed",
    "standing",
    "totals",
    "trained",
    "trouble_with_reviews",
    "withdraw_review",
]
