"""Every answer speaks the person's language, a private page is never kept by a cache, and devices are our pages' own."""

from django.conf import settings
from django.utils import translation
from django.utils.cache import add_never_cache_headers

# Calls need the first three; nothing here needs any other device, and nobody's frame gets one.
DEVICES = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()"


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
        response.headers.setdefault("Permissions-Policy", DEVICES)
        return response
