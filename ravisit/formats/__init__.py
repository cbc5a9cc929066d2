"""How dates and hours are written, over Django's own formats."""
