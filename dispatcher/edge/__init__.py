"""The border of the service: what every request and answer must satisfy, whatever it is about."""
