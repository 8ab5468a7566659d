"""Time and state of the synchronisation: claiming lanes, pulling pages, applying them."""
