"""What both the keyword suites and the Python tests need: a server under control, REST, SOAP, documents.

Nothing here asserts; whoever calls it judges the answers.
"""
