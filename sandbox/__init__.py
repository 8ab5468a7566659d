"""Stand-in provider servers: a process of its own that knows no app of the product.

``python -m sandbox --port N`` answers on the paths of Google's sign-in and Calendar API v3, so that
Google's own client libraries can be pointed at it. The start page lists every address; ``GET /control/``
lists the switches.
"""
