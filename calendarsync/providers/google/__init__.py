"""Google Calendar through google-api-python-client and google-auth-oauthlib."""
