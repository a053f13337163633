"""Commands that are not image operations, one file each; nobody lists them."""
