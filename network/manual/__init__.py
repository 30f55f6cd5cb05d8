"""What the handbook cannot hold itself: tested numbers, reviews, what helped, who has learnt."""
