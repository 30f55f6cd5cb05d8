"""The delivery room: letters that did not get through, and the other ways to reach a member."""
