"""The REST API in Kestra's paths and shapes: one file a resource, one typed table of routes for all of them."""
