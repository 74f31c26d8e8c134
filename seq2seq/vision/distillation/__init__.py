"""Image encoders taught by a better one: model, data, recipe and task."""
