"""Google: OAuth 2.0 sign-in and Calendar API v3, as Google's own client libraries expect them."""
