"""The example pictures of the styles that ship with Atelier: drawn by rules, not by AI."""
