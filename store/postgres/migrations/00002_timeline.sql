-- +goose Up
ALTER TABLE calls ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN decide_us bigint NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN latency_us bigint NOT NULL DEFAULT 0;
CREATE TABLE attempts (
	time bigint NOT NULL,
	model text NOT NULL,
	failed boolean NOT NULL,
	took_us bigint NOT NULL
);
CREATE INDEX attempts_timeline ON attempts (time) INCLUDE (model, failed, took_us);
-- It holds all that a timeline sums up, so that no record is read for it.
CREATE INDEX calls_timeline ON calls (time) INCLUDE (route, model, reason, forwarded, failed, estimated, unpriced, implausible,
	input_tokens, output_tokens, answer, wasted, routing, dearest, decide_us, latency_us);
