"""What runs the product: the embedded world, demonstrations, tools for operators, containers, load."""
