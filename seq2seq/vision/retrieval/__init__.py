"""Retrieval of photos by text: model, data, recipe and task."""
