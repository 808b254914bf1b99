#!/bin/bash
# One database per service, and two roles for it: the owner makes and changes tables (migrations), the service itself only
# reads and writes rows. No service can connect to another's database. Runs once, when the volume is new.
set -euo pipefail

for service in intake workflow notify audit insight; do
  psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    -v service="$service" -v owner="${service}_owner" \
    -v service_password="$(< "/run/secrets/${service}_database_password")" \
    -v owner_password="$(< "/run/secrets/${service}_owner_password")" <<'SQL'
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password' CONNECTION LIMIT 10;
CREATE ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'service_password';
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
-- A statement that hangs must not hold a petition's row for ever.
ALTER ROLE :"service" IN DATABASE :"service" SET statement_timeout = '60s';
ALTER ROLE :"service" IN DATABASE :"service" SET idle_in_transaction_session_timeout = '60s';
\connect :"service"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"service";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"service";
SQL
done
