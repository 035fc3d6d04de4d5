"""Every answer speaks the person's language, and a private page is never kept by a cache."""

from django.conf import settings
from django.utils import translation
from django.utils.cache import add_never_cache_headers


class PersonMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        signed_in = user.is_authenticated
        language = user.language if signed_in else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        if signed_in and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        response.headers.setdefault("Content-Language", language)
        return response
