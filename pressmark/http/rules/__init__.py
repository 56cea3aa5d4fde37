"""The rules of routes, of which `pressmark.http.route_roles` makes one table."""
