"""The programs behind `make`: they install, start, check and ship the product.

`setup` and what it imports run on a bare Python 3.11 without packages; everything else runs inside `.venv`.
Nothing here is imported by the product, and nothing here imports it.
"""
