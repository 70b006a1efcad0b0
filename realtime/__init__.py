"""What changed, now: topics, offsets and recovery; knows no domain, no database, no framework."""
