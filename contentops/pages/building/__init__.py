"""The whole site: planned, made in parallel, only what changed, and out at once or not at all."""
