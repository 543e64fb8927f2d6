-- Times are nanoseconds since 1970; amounts are nano-dollars or tokens.

-- +goose Up
CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	time INTEGER NOT NULL,
	route TEXT NOT NULL,
	model TEXT NOT NULL,
	user TEXT NOT NULL,
	forwarded INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	estimated INTEGER NOT NULL,
	unpriced INTEGER NOT NULL,
	input_tokens INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	answer INTEGER NOT NULL,
	wasted INTEGER NOT NULL,
	routing INTEGER NOT NULL,
	dearest INTEGER NOT NULL,
	text TEXT,
	record BLOB NOT NULL
);
CREATE INDEX calls_time ON calls (time);
CREATE TABLE spent (
	budget TEXT NOT NULL,
	scope TEXT NOT NULL,
	name TEXT NOT NULL,
	period TEXT NOT NULL,
	start INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	PRIMARY KEY (budget, scope, name, period)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
