"""Photos: pixels, image encoders and what they see, captioning, retrieval and distillation."""
