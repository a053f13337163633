"""One module per aggregate: its tables, and every statement on them."""
