"""Image captioning: model, data, recipe and task."""
