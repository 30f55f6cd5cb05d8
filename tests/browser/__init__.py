"""Every page in a real Chromium: for everybody, light, without scripts, left in a moment."""
