"""The page that looks like four phones."""
