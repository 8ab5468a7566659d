"""The registry: a key and where its provider lives. Adding a provider touches this line only."""

from functools import cache

from django.utils.module_loading import import_string

from calendarsync.providers.base import Provider

PROVIDERS = {"google": "calendarsync.providers.google.provider.GoogleProvider"}


@cache
def provider_of(key: str) -> Provider:
    """The provider called `key`, loaded on first use. Raises KeyError."""
    provider: Provider = import_string(PROVIDERS[key])()
    return provider
