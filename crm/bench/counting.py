"""How many SQL statements an answer took, as its own header; only `crm.bench.settings` brings it in."""

from django.db import connection

HEADER = "X-Statements"


class CountingMiddleware:
    """Counts whatever the request's thread sends to the database, session, user and savepoints included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        said = []

        def count(execute, sql, params, many, context):
            said.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response.headers[HEADER] = str(len(said))
        return response
