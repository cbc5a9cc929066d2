"""Django's backend for PostgreSQL, which looks at a connection before it asks the server."""
