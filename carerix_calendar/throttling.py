"""Rate limits of the API. They count in the cache; without one the API goes on answering rather than failing."""

from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView


class UserThrottle(UserRateThrottle):
    """So many requests for each person; see API_RATE."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this request is within the limit, or cannot be counted."""
        try:
            return bool(super().allow_request(request, view))
        except (RedisError, OSError):
            return True
