"""The peers that are tried here by themselves."""

from tests.peers.fixtures import bigquery, postgres

__all__ = ["bigquery", "postgres"]
