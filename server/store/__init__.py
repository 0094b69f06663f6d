"""What the service remembers, in SQL: data spaces, requests, received items. No HTTP here."""
