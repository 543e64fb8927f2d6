// Package accounting joins forwarding with a store: calls become stored
// records, and a catalog's budgets become accounts that are held back and
// settled. It is the one place that knows both; neither knows the other.
package accounting
