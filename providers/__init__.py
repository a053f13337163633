"""Image vendors, one file each; they know the contract in base.py and nothing else of Atelier."""
