"""The handbook: chapters, questions and sheets a family can act on; for pages, bot and paper."""
