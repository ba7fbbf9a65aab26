"""What the services need of the world, as small Protocols. Adapters implement them; one test suite each for all adapters."""
