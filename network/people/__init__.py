"""The people of the network: members, their vetting, their sessions, who is on duty."""
