"""Photos to sentences: model, data, recipe and task."""
