"""Pictures of a simulated day of each kind, for the description of the model."""
