// Package postgres keeps a store in a PostgreSQL database that several
// replicas share: what one writes all read, revisions are told of by NOTIFY (and
// asked for every second, should that not arrive), and budgets hold for all
// together.
//
// The address is a URL or key=value text as libpq takes it, with its passwords
// file and environment; connections must reach the server itself or a pooler of
// sessions, because locks and notifications belong to a session. Tables are made
// in the schema semroute, or the first of search_path where the address sets it.
//
// While the database does not answer, records wait within Config.QueueBytes,
// Stats.Failing says why, and all is written once it is back, each record once.
// Clocks of replicas should agree within a second, as NTP keeps them.
package postgres
