"""What the floor's PostgreSQL is told: for sixty seats, on a desktop that does other work too."""

from __future__ import annotations

from collections.abc import Sequence

ADMIN = "callfloor_admin"
OWNER = "callfloor"
SEATS = "callfloor_seats"
JOIN = "callfloor_join"
DATABASE = "callfloor"

_SETTINGS = """\
# Written by Callfloor at each start; changes made here are lost.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
# A count for somebody's window must not take every core from the calls.
max_parallel_workers_per_gather = 0
# Statistics of twenty seats are always old: a merge with a million people looks cheap by them.
enable_mergejoin = off
autovacuum_naptime = '20s'
checkpoint_timeout = '15min'
fsync = on
synchronous_commit = on
wal_compression = on
min_wal_size = '256MB'
max_wal_size = '1GB'
max_wal_senders = 0
wal_level = minimal
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
ssl_ca_file = 'ca.pem'
ssl_min_protocol_version = 'TLSv1.3'
password_encryption = 'scram-sha-256'
authentication_timeout = '10s'
tcp_keepalives_idle = 10
tcp_keepalives_interval = 5
tcp_keepalives_count = 3
idle_in_transaction_session_timeout = '60s'
restart_after_crash = on
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
timezone = 'UTC'
# No name and no number of a person in the server's log: neither statements nor values.
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""

_HBA = f"""\
# Written by Callfloor at each start. Nobody comes in without TLS and a password.
# A seat shows the certificate that was signed when it joined, with its role as the common name.
# TYPE   DATABASE    USER        ADDRESS     METHOD
hostssl  all         {ADMIN}     samehost    scram-sha-256
hostssl  {DATABASE}  {OWNER}     samehost    scram-sha-256
hostssl  {DATABASE}  {JOIN}      all         scram-sha-256
hostssl  {DATABASE}  +{SEATS}    all         scram-sha-256 clientcert=verify-full
"""


def settings_text(port: int, listen: Sequence[str] = ("*",)) -> str:
    """postgresql.conf for this port (1 to 65535) on these addresses."""
    return _SETTINGS.format(port=port, listen=",".join(listen))


def access_text() -> str:
    """pg_hba.conf: who may come in, from where, and how they show who they are."""
    return _HBA


def firewall_hint(system: str, port: int) -> str:
    """What to do, in a sentence, where seats do not reach the server; `system` as sys.platform."""
    if system == "win32":
        return (
            f"If seats cannot reach this PC, allow TCP port {port} in the Windows firewall: "
            f'netsh advfirewall firewall add rule name="Callfloor" dir=in action=allow '
            f"protocol=TCP localport={port} profile=private"
        )
    if system == "darwin":
        return (
            "If seats cannot reach this PC, open System Settings, Network, Firewall, and allow "
            "incoming connections for postgres."
        )
    return (
        f"If seats cannot reach this PC, allow TCP port {port} in its firewall: "
        f"sudo ufw allow {port}/tcp, or sudo firewall-cmd --permanent --add-port={port}/tcp and "
        "sudo firewall-cmd --reload"
    )
