"""PostgreSQL's own volatile functions: those that leave nothing behind, and those that need a primary."""

from __future__ import annotations

# Volatile, and yet nothing that is left behind: they only say something else each time.
HARMLESS = frozenset(
    {
        "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7", "setseed",
        "pg_sleep", "pg_sleep_for", "pg_sleep_until", "currval", "lastval", "pg_backend_pid",
        "txid_current_if_assigned", "pg_current_xact_id_if_assigned", "ts_stat",
        "query_to_xml",
    }
)  # fmt: skip
# Of uuid-ossp, pgcrypto and tablefunc: values, and nothing else.
HARMLESS_OF_EXTENSIONS = frozenset(
    {
        "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_salt", "gen_random_bytes", "normal_rand",
        "pgp_sym_encrypt", "pgp_sym_encrypt_bytea", "pgp_pub_encrypt", "pgp_pub_encrypt_bytea",
    }
)  # fmt: skip
OF_THE_SESSION = frozenset({"currval", "lastval"})
"""What they say is known only to the session that called nextval() before."""
REFUSED = frozenset({"nextval", "setval", "txid_current", "pg_current_xact_id", "pg_notify", "lo_creat", "lo_create"})
"""What a server in recovery refuses: sequences, transaction ids, notifications, large objects."""
