"""What can be made to fail on demand, in machines, sensors and links, and what each fault does."""
