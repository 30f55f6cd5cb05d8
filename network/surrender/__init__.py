"""What a compromise surrenders, counted from the rows: a database, a server, a device."""
