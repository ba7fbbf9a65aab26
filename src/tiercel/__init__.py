"""Tiercel: a declarative, event-driven workflow orchestrator."""
