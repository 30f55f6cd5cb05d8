"""What an installation is told: settings, its country's pack, its languages. Imports no room."""
