"""Where the facts behind the causes are from."""

WIRE, LIFE = "contract/wire.md", "contract/lifecycle.md"
CASES = "contract/support-cases.md"
STATUSES = f'{WIRE}, "What the exporter does per HTTP status"'
CLIENTS = f'{WIRE}, "Run against genuine clients"'
CODES = f'{LIFE}, "Log codes"'
RECORD = "what this service recorded"
