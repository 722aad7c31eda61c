"""A plant lived without a broker, over and over: replications, their sums, and how sure they are."""
