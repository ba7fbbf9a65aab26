"""The engine: decides what happens next. Pure: `decide(flow, execution, event) → (execution, commands)`."""
