-- Times are nanoseconds since 1970, 0 for none; amounts are nano-dollars or tokens.

-- +goose Up
CREATE TABLE meta (name text PRIMARY KEY, value bytea NOT NULL);

CREATE TABLE calls (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	time bigint NOT NULL,
	decision text NOT NULL,
	route text NOT NULL,
	model text NOT NULL,
	"user" text NOT NULL,
	forwarded boolean NOT NULL,
	failed boolean NOT NULL,
	estimated boolean NOT NULL,
	unpriced boolean NOT NULL,
	implausible boolean NOT NULL,
	input_tokens bigint NOT NULL,
	output_tokens bigint NOT NULL,
	answer bigint NOT NULL,
	wasted bigint NOT NULL,
	routing bigint NOT NULL,
	dearest bigint NOT NULL,
	text text,
	record text NOT NULL,
	bytes bigint NOT NULL
);
CREATE INDEX calls_time ON calls (time, id);
-- A hash takes ids of any length.
CREATE INDEX calls_decision ON calls USING hash (decision) WHERE decision <> '';

-- What the records take, so that nobody has to look at all of them to know.
CREATE TABLE calls_size (rows bigint NOT NULL, bytes bigint NOT NULL);
INSERT INTO calls_size (rows, bytes) VALUES (0, 0);

-- The last batch of each writer, so that one whose commit went unheard is not written again.
CREATE TABLE batches (writer text PRIMARY KEY, last bigint NOT NULL, time bigint NOT NULL);

CREATE TABLE feedback (
	seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key text NOT NULL UNIQUE,
	decision text NOT NULL,
	time bigint NOT NULL,
	body text NOT NULL
);
CREATE INDEX feedback_decision ON feedback (decision);
CREATE INDEX feedback_time ON feedback (time);

CREATE TABLE revisions (
	number bigint PRIMARY KEY,
	etag text NOT NULL,
	catalog text NOT NULL,
	author text NOT NULL,
	cause text NOT NULL,
	time bigint NOT NULL
);

CREATE SEQUENCE value_version;
CREATE TABLE small_values (
	scope text NOT NULL,
	key text COLLATE "C" NOT NULL,
	data bytea NOT NULL,
	version bigint NOT NULL,
	expires bigint NOT NULL,
	PRIMARY KEY (scope, key)
);
CREATE INDEX small_values_expires ON small_values (expires) WHERE expires <> 0;

CREATE TABLE api_keys (
	prefix text COLLATE "C" PRIMARY KEY,
	hash bytea NOT NULL,
	claims text NOT NULL,
	created bigint NOT NULL,
	revoked bigint NOT NULL
);

CREATE TABLE replicas (
	name text COLLATE "C" PRIMARY KEY,
	fingerprint text NOT NULL,
	revision bigint NOT NULL,
	collection text NOT NULL,
	seen bigint NOT NULL
);

CREATE TABLE spent (
	budget text NOT NULL,
	scope text NOT NULL,
	name text NOT NULL,
	period text NOT NULL,
	start bigint NOT NULL,
	amount bigint NOT NULL,
	PRIMARY KEY (budget, scope, name, period)
);

-- What a replica may spend without asking, and how much of its spending is booked.
CREATE TABLE leases (
	replica text NOT NULL,
	budget text NOT NULL,
	scope text NOT NULL,
	name text NOT NULL,
	period text NOT NULL,
	amount bigint NOT NULL,
	booked bigint NOT NULL,
	expires bigint NOT NULL,
	PRIMARY KEY (budget, scope, name, period, replica)
);
CREATE INDEX leases_replica ON leases (replica);
CREATE INDEX leases_expires ON leases (expires);

-- account_sync books what a replica has spent of an account in all, and leases it
-- what its calls in flight hold, what it wants, and something to spare: at most
-- an eighth of the room, or what it had. The row of the account is locked first,
-- so that replicas come one after another.
-- +goose StatementBegin
CREATE FUNCTION account_sync(
	_replica text, _budget text, _scope text, _name text, _period text, _start bigint, _now bigint, _expires bigint,
	_total bigint, _reserved bigint, _want bigint, _spare bigint, _limit bigint,
	OUT start bigint, OUT spent bigint, OUT others bigint, OUT leased bigint, OUT granted boolean
) LANGUAGE plpgsql AS $$
DECLARE
	most CONSTANT numeric := 9223372036854775807;
	known bigint := 0;
	had numeric := 0;
	room numeric;
BEGIN
	INSERT INTO spent AS s (budget, scope, name, period, start, amount) VALUES (_budget, _scope, _name, _period, _start, 0)
	ON CONFLICT (budget, scope, name, period) DO UPDATE
		SET amount = CASE WHEN s.start < excluded.start THEN 0 ELSE greatest(s.amount, 0) END, start = greatest(s.start, excluded.start);
	SELECT l.booked, CASE WHEN l.expires > _now THEN l.amount ELSE 0 END INTO known, had FROM leases l
		WHERE (l.budget, l.scope, l.name, l.period, l.replica) = (_budget, _scope, _name, _period, _replica);
	known := coalesce(known, 0);
	UPDATE spent s SET amount = least(most, s.amount::numeric + greatest(_total - known, 0))
		WHERE (s.budget, s.scope, s.name, s.period) = (_budget, _scope, _name, _period)
		RETURNING s.start, s.amount INTO start, spent;
	SELECT least(most, coalesce(sum(l.amount), 0)) INTO others FROM leases l
		WHERE (l.budget, l.scope, l.name, l.period) = (_budget, _scope, _name, _period) AND l.replica <> _replica AND l.expires > _now;
	room := _limit::numeric - spent - others - _reserved;
	granted := _want <= 0 OR _want <= room;
	leased := _reserved;
	IF granted THEN
		leased := least(most, leased::numeric + _want);
		room := room - _want;
	END IF;
	had := least(room, coalesce(had, 0) - greatest(_total - known, 0) - leased);
	leased := least(most, leased::numeric + greatest(0, least(_spare, greatest(had, div(room, 8)))));
	INSERT INTO leases AS l (replica, budget, scope, name, period, amount, booked, expires)
		VALUES (_replica, _budget, _scope, _name, _period, leased, _total, _expires)
	ON CONFLICT (budget, scope, name, period, replica) DO UPDATE
		SET amount = excluded.amount, booked = greatest(l.booked, excluded.booked), expires = excluded.expires;
END $$;
-- +goose StatementEnd
