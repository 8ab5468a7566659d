"""How fast the product is, measured on the whole of it: real processes, real sockets, a real database.

Each benchmark is a module with a function `measure(stage)` that returns one `Figure`. What it needs it starts on a
stage of its own and stops again. A benchmark may import the product: it is loaded after the stage has set it up.
"""
