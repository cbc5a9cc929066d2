"""The look, made from the Europa Component Library: what our pages use of it, and nothing that asks another host."""
