-- +goose Up
ALTER TABLE calls ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN decide_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN latency_us INTEGER NOT NULL DEFAULT 0;
-- It holds all that a timeline sums up, so that no record is read for it.
CREATE INDEX calls_timeline ON calls (time, route, model, reason, forwarded, failed, estimated, unpriced, implausible,
	input_tokens, output_tokens, answer, wasted, routing, dearest, decide_us, latency_us);
CREATE TABLE attempts (
	time INTEGER NOT NULL,
	model TEXT NOT NULL,
	failed INTEGER NOT NULL,
	took_us INTEGER NOT NULL
);
CREATE INDEX attempts_timeline ON attempts (time, model, failed, took_us);
