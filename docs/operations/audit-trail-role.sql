-- Gives the audit trail to a role that nobody logs in as, so that the running plant can add to it and never change it.
-- Run it once as a superuser, after the first start has made the tables, and again after an update that says so:
--   psql -v running=shopfloor -f audit-trail-role.sql DATABASE
-- `running` is the role of DATABASE_URL. It must be neither a superuser nor a member of shopfloor_audit.
\set ON_ERROR_STOP on

select 'create role shopfloor_audit nologin'
where not exists (select from pg_roles where rolname = 'shopfloor_audit') \gexec

-- The owner of a schema may drop what lies in it, and the owner of a database owns its schema `public` at first.
alter schema public owner to shopfloor_audit;
grant usage, create on schema public to :"running";

alter table access_audit owner to shopfloor_audit;
alter function access_audit_append_only() owner to shopfloor_audit;
revoke all on access_audit from public, :"running";
grant select, insert on access_audit to :"running";
