"""The mock feed ingestion service. It knows the contract; it never knows who exports to it."""
