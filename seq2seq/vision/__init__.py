"""Photos: pixels, image encoders and their features, captioning, retrieval and distillation."""
