"""Where cases are found and saved. Every read names its reader, every write its before."""
