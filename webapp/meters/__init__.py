"""Units, meters, readings: poll → judge → store."""
