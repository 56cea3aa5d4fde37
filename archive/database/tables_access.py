"""Tables of who may use the service, and of what they did."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from archive.database.columns import Key, Moment, metadata

# People who log in with a name and a password.
people = Table(
    "people",
    metadata,
    Column("name", Key, primary_key=True),
    Column("role", String, nullable=False),  # read, trigger, curate, admin
    Column("password", String, nullable=False),  # hashed by Argon2id, in the PHC string format
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),  # the last login
)

# Tokens of programs. A name is never used again: the audit trail refers to it.
tokens = Table(
    "tokens",
    metadata,
    Column("name", Key, primary_key=True),
    Column("digest", String, nullable=False, unique=True),  # SHA-256 of the token
    Column("role", String, nullable=False),
    Column("collections", Text),  # a list in JSON; NULL for all
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

# Logins that have not ended.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),  # of the value of the cookie
    Column("kind", String, nullable=False),  # person, token, setting: who logged in
    Column("name", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("address", String, nullable=False),
    Index(None, "kind", "name"),
    Index(None, "expires_at"),
)

# Wrong passwords and tokens of the last minutes. All processes of a service count them together.
wrong_logins = Table(
    "wrong_logins",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("network", String, nullable=False),  # the address, or the network of an IPv6 address
    Column("name", String, nullable=False),  # SHA-256 of the name: people type passwords there by mistake
    Column("at", Moment, nullable=False),
    Index(None, "network", "at"),
    Index(None, "at"),
)

# Who did what. Each row has the digest of the one before: archive.database.access.trail.
audit_trail = Table(
    "audit_trail",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # without gaps
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("origin", String, nullable=False),  # the address of the caller, or the command line
    Column("action", String, nullable=False),  # the method and route, or the command
    Column("target", Text, nullable=False),
    Column("before", Text),  # JSON
    Column("after", Text),  # JSON
    Column("outcome", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
    Index(None, "at"),
)
