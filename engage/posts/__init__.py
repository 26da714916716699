"""The core nouns, pure: kinds, people, places, evidence, variants, posts and their states."""
