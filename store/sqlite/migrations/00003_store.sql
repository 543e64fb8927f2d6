-- +goose Up
ALTER TABLE calls ADD COLUMN decision TEXT NOT NULL DEFAULT '';
CREATE INDEX calls_decision ON calls (decision) WHERE decision != '';
CREATE TABLE feedback (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL UNIQUE,
	decision TEXT NOT NULL,
	time INTEGER NOT NULL,
	body BLOB NOT NULL
);
CREATE INDEX feedback_decision ON feedback (decision);
CREATE INDEX feedback_time ON feedback (time);
CREATE TABLE revisions (
	number INTEGER PRIMARY KEY,
	etag TEXT NOT NULL,
	catalog TEXT NOT NULL,
	author TEXT NOT NULL,
	cause TEXT NOT NULL,
	time INTEGER NOT NULL
);
CREATE TABLE small_values (
	scope TEXT NOT NULL,
	key TEXT NOT NULL,
	data BLOB NOT NULL,
	version INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (scope, key)
);
CREATE INDEX small_values_expires ON small_values (expires) WHERE expires != 0;
CREATE TABLE value_version (last INTEGER NOT NULL);
INSERT INTO value_version (last) VALUES (0);
CREATE TABLE api_keys (
	prefix TEXT PRIMARY KEY,
	hash BLOB NOT NULL,
	claims BLOB NOT NULL,
	created INTEGER NOT NULL,
	revoked INTEGER NOT NULL
);
