"""Photos found by words: model, data, recipe and task."""
