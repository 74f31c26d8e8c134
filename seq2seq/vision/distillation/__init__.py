"""Image encoders distilled from a teacher: model, data, recipe and task."""
