"""When somebody is asked, when they are late, and who hears about it. Pure."""
