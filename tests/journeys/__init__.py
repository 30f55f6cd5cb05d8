"""The whole job, played by people over real HTTP."""
