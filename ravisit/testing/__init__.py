"""Real servers and a real browser for the tests, from packages that pip installs; and the run of all tests."""
